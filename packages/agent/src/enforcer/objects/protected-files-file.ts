/** `protected-files.json`: the last shield that `files` has told of, so that `watch` has one before `files` has looked anew. */
import { fits } from '@cordon/protocol/shape';
import { protectedFilesShape } from '../../ipc/worker-messages.shape.ts';
import type { ProtectedFiles } from '../../ipc/worker-messages.shape.ts';
import { valueIn, writeQuickly } from '../../fs/durable.ts';

export function readProtectedFiles(path: string): ProtectedFiles | undefined {
  const value = valueIn(path);
  return fits(protectedFilesShape, value) ? value : undefined;
}

/** Made anew at each start of `files`, so not worth an fsync. */
export function writeProtectedFiles(path: string, shield: ProtectedFiles): void {
  writeQuickly(path, JSON.stringify(shield));
}
