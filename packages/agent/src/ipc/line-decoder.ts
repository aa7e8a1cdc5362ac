/** Decodes lines of JSON by a shape. */
import { fits } from '@cordon/protocol/shape';
import type { Shape } from '@cordon/protocol/shape';

/** Total: a message, or undefined for anything else. The caller knows who sent it, and closes the connection. */
export type Decoder<T> = (line: string) => T | undefined;

export function decoderOf<T>(shape: Shape<T>): Decoder<T> {
  return (line) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return undefined;
    }
    return fits(shape, value) ? value : undefined;
  };
}
