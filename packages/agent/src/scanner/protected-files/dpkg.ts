/** The files of installed Debian packages, from dpkg's own lists: read, never executed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from '../../fs/durable.ts';
import { codeOf } from '../../message-of.ts';

/** A path as latin1, one character a byte. */
export interface OwnedFile {
  readonly path: string;
  readonly owner: string;
}

const ending = '.list';
/** The longest list of a real package (a kernel, a font collection) has some 2 MB. */
const longestList = 64_000_000;

/** `folder` is /var/lib/dpkg; nothing when there is no such folder. */
export function* dpkgFiles(folder: string): Generator<OwnedFile> {
  const diverted = diversionsIn(readIfThere(join(folder, 'diversions')) ?? '');
  for (const name of listsIn(join(folder, 'info'))) {
    const owner = name.slice(0, -ending.length).replace(/:[^:]*$/, '');
    const text = readFileSync(join(folder, 'info', name), 'latin1');
    if (text.length > longestList) continue;
    const lines = text.split('\n');
    for (const [index, path] of lines.entries()) {
      // A folder comes right before its content.
      if (!path.startsWith('/') || lines[index + 1]?.startsWith(`${path}/`) === true) continue;
      const elsewhere = diverted.get(path);
      yield { path: elsewhere && elsewhere.by !== owner ? elsewhere.to : path, owner: `dpkg:${owner}` };
    }
  }
}

/** dpkg-divert(1): where the file of every other package goes, so that the file of one may be there. */
function diversionsIn(text: string): Map<string, { to: string; by: string }> {
  const lines = Buffer.from(text).toString('latin1').split('\n');
  const found = new Map<string, { to: string; by: string }>();
  for (let at = 0; at + 2 < lines.length; at += 3) {
    const [from = '', to = '', by = ''] = lines.slice(at, at + 3);
    found.set(from, { to, by });
  }
  return found;
}

function listsIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(ending));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return [];
    throw error;
  }
}
