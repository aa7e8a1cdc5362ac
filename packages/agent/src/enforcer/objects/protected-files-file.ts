/**
 * `protected-files.json`: the last list from `scanner`, so that `on-access` has one before `scanner` lists them again.
 */
import { fits } from '@cordon/protocol/shape';
import { protectedFilesShape } from '../../ipc/worker-messages.shape.ts';
import type { ProtectedFiles } from '../../ipc/worker-messages.shape.ts';
import { valueIn, writeQuickly } from '../../fs/durable.ts';

export function readProtectedFiles(path: string): ProtectedFiles | undefined {
  const value = valueIn(path);
  return fits(protectedFilesShape, value) ? value : undefined;
}

/** Built again at each start of `scanner`, so not worth an fsync. */
export function writeProtectedFiles(path: string, protectedFiles: ProtectedFiles): void {
  writeQuickly(path, JSON.stringify(protectedFiles));
}
