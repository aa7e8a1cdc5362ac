/** Paths as Linux has them: bytes that need not be text. */
import type { FilePath } from '@cordon/protocol/channel';

const longest = 4096;
const slash = 0x2f;

/** As people read it, together with the exact bytes where those differ. */
export function filePathOf(path: Buffer): FilePath {
  const text = path.toString('utf8').slice(0, longest);
  return Buffer.from(text).equals(path) ? { text } : { text: text.toWellFormed(), bytes: path.toString('base64') };
}

export function bytesOfPath({ text, bytes }: FilePath): Buffer {
  return bytes === undefined ? Buffer.from(text) : Buffer.from(bytes, 'base64');
}

export function joinedPath(folder: Buffer, name: Buffer): Buffer {
  const at = folder.at(-1) === slash ? folder.length : folder.length + 1;
  const path = Buffer.allocUnsafe(at + name.length);
  path.set(folder);
  path[at - 1] = slash;
  path.set(name, at);
  return path;
}

/** The folders on the way, and the last name. Undefined for anything but an absolute path below the root. */
export function partsOf(path: Buffer): { readonly folders: Buffer[]; readonly name: Buffer } | undefined {
  if (path[0] !== slash || path.includes(0)) return undefined;
  const names = split(path).filter(({ length }) => length > 0);
  const name = names.pop();
  if (!name || [name, ...names].some(isDots)) return undefined;
  return { folders: names, name };
}

export function split(path: Buffer): Buffer[] {
  const names: Buffer[] = [];
  let from = 0;
  for (let at = path.indexOf(slash); at !== -1; at = path.indexOf(slash, from)) {
    names.push(path.subarray(from, at));
    from = at + 1;
  }
  return [...names, path.subarray(from)];
}

/** What is left of a path below that folder, with its slash; undefined for any other path. */
export function restBelow(folder: Buffer, path: Buffer): Buffer | undefined {
  const { length } = folder.at(-1) === slash ? folder.subarray(0, -1) : folder;
  const rest = path.subarray(length);
  return rest[0] === slash && path.subarray(0, length).equals(folder.subarray(0, length)) ? rest : undefined;
}

/** Whether a path is the folder itself or something below it. */
export function isWithin(folder: Buffer, path: Buffer): boolean {
  return path.equals(folder) || restBelow(folder, path) !== undefined;
}

function isDots(name: Buffer): boolean {
  return name.equals(Buffer.from('.')) || name.equals(Buffer.from('..'));
}
