/** What an uninstalled agent does with its workers' files: quarantined content is never deleted silently. */
import { join } from 'node:path';
import { filesIn, removeFolderIfEmpty, removeIfThere } from '../../fs/durable.ts';
import type { Problem } from '../../problem.ts';

const quarantineFolder = 'quarantine';
/** Of sweeps: the digests they learned, and which are unfinished. */
const sweepFiles = ['digests', 'sweeps.json'];
const entry = /\.json$/;
const key = /^key(?:\.new)?$/;

/** A message for the final report and the log. */
export function leftBehind(state: string): Problem {
  const folder = join(state, quarantineFolder);
  const held = filesIn(folder).filter((name) => entry.test(name)).length;
  if (held === 0) return undefined;
  return `${held} quarantined files stay in ${folder}, with the key to them. Enrol this endpoint again to restore them, or delete the folder.`;
}

/** Everything except the quarantine, unless that is empty. */
export function removeWorkerFiles(state: string): void {
  for (const name of sweepFiles) {
    removeIfThere(join(state, name));
    removeIfThere(join(state, `${name}.new`));
  }
  const folder = join(state, quarantineFolder);
  const names = filesIn(folder);
  // Content without an entry is not ours to judge, either.
  if (!names.every((name) => key.test(name))) return;
  for (const name of names) removeIfThere(join(folder, name));
  removeFolderIfEmpty(folder);
}
