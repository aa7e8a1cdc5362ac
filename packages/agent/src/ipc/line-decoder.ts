/** Decodes lines of JSON by a schema. */
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Validator } from 'typebox/compile';

/** Total: a message, or undefined for anything else. The caller knows who sent it, and closes the connection. */
export type Decoder<T> = (line: string) => T | undefined;

/** `T` is the static type of the schema. */
export function decoderOf<T>(schema: TSchema): Decoder<T> {
  const validator: Validator = Compile(schema);
  return (line) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return undefined;
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the validator of this very type has checked it
    return validator.Check(value) ? (value as T) : undefined;
  };
}
