/** `shield.json`: the last shield that `files` has told of, so that `watch` has one before `files` has looked anew. */
import { Compile } from 'typebox/compile';
import { ProtectedFiles } from '../../ipc/worker-messages.ts';
import { valueIn, writeQuickly } from '../../fs/durable.ts';

const shape = Compile(ProtectedFiles);

export function readShield(path: string): ProtectedFiles | undefined {
  const value = valueIn(path);
  return shape.Check(value) ? value : undefined;
}

/** Made anew at each start of `files`, so not worth an fsync. */
export function writeShield(path: string, shield: ProtectedFiles): void {
  writeQuickly(path, JSON.stringify(shield));
}
