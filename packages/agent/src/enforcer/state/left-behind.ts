/** What an agent that is uninstalled does with the files of its parts: quarantined content is nobody's to delete silently. */
import { join } from 'node:path';
import { filesIn, removeFolderIfEmpty, removeIfThere } from '../../fs/durable.ts';

const vaultFolder = 'quarantine';
/** Of sweeps: what they had read, and which were not finished. */
const sweepFiles = ['digests', 'sweeps.json'];
const entry = /\.json$/;
const key = /^key(?:\.new)?$/;

/** A sentence for the last word and the log; null when nothing is left. */
export function leftBehind(state: string): string | null {
  const folder = join(state, vaultFolder);
  const held = filesIn(folder).filter((name) => entry.test(name)).length;
  if (held === 0) return null;
  return `${held} quarantined files stay in ${folder}, with the key to them. Enrol this endpoint again to restore them, or delete the folder.`;
}

/** All but the vault, unless that is empty. */
export function removePartsFiles(state: string): void {
  for (const name of sweepFiles) {
    removeIfThere(join(state, name));
    removeIfThere(join(state, `${name}.new`));
  }
  const folder = join(state, vaultFolder);
  const names = filesIn(folder);
  // Content that nothing was written down about is not ours to judge, either.
  if (!names.every((name) => key.test(name))) return;
  for (const name of names) removeIfThere(join(folder, name));
  removeFolderIfEmpty(folder);
}
