/**
 * Finds the path here of a file that was matched under a path of another mount namespace.
 *
 * Only paths are proposed: the caller opens them and checks that they lead to the very file. A path through another process
 * (/proc/PID/root) is not proposed: the file could be taken through it, but never be put back.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { restBelow, split } from '../../fs/path.ts';
import { deviceNumbers, mountsIn, mountsNow } from '../../fs/mounts.ts';
import type { Mount } from '../../fs/mounts.ts';

const maxNamespaces = 64;
const maxPaths = 256;
const slash = Buffer.from('/');

/** Of a file on this device (`st_dev`) that is not under `path` here; likely ones first. */
export function pathsHere(path: Buffer, device: number): Buffer[] {
  const numbers = deviceNumbers(device);
  return pathsAmong(path, { own: mountsNow(), others: mountsElsewhere(), device: numbers });
}

export interface Namespaces {
  readonly own: readonly Mount[];
  /** The mounts of each other namespace. */
  readonly others: readonly (readonly Mount[])[];
  /** `major:minor`. */
  readonly device: string;
}

/** Pure, for the order and the bounds of what is proposed. */
export function pathsAmong(path: Buffer, { own, others, device }: Namespaces): Buffer[] {
  // Only on its own filesystem, so that nothing waits for a server that does not answer.
  const isThere = (found: Buffer): boolean => {
    const mount = mountOf(own, found);
    return mount !== undefined && isOf(mount, device) && !found.equals(path);
  };
  const mounts = own.filter((mount) => isOf(mount, device));
  const proposed = new Map<string, Buffer>();
  for (const found of candidates(path, { own: mounts, others, device })) {
    if (proposed.size >= maxPaths) break;
    if (isThere(found)) proposed.set(found.toString('latin1'), found);
  }
  return [...proposed.values()];
}

/** One at a time: another user chose the path, and all candidates of a long one would take minutes. */
function* candidates(path: Buffer, namespaces: Namespaces): Generator<Buffer> {
  yield* throughParts(path, namespaces);
  yield* byEndings(path, namespaces.own);
}

/** In the other namespace the path is a part of the filesystem, and that part has a path here. */
function* throughParts(path: Buffer, { own, others, device }: Namespaces): Generator<Buffer> {
  for (const mounts of others) {
    const mount = mountOf(mounts, path);
    if (!mount || !isOf(mount, device)) continue;
    const within = below(Buffer.from(mount.part, 'latin1'), restBelow(mount.path, path) ?? slash);
    for (const here of own) {
      const rest = restBelow(Buffer.from(here.part, 'latin1'), within);
      if (rest) yield below(here.path, rest);
    }
  }
}

/**
 * Where the other namespace has ended: `/tmp/1/folder/file` was `folder/file`, or `file`, of a filesystem mounted here.
 */
function* byEndings(path: Buffer, mounts: readonly Mount[]): Generator<Buffer> {
  const names = split(path).filter(({ length }) => length > 0);
  for (let from = 0; from < names.length; from += 1) {
    const ending = Buffer.concat(names.slice(from).flatMap((name) => [slash, name]));
    for (const mount of mounts) yield below(mount.path, ending);
  }
}

/** The last of the longest: what is mounted over something else hides it. */
function mountOf(mounts: readonly Mount[], path: Buffer): Mount | undefined {
  let best: Mount | undefined;
  for (const mount of mounts) {
    if (restBelow(mount.path, path) && mount.path.length >= (best?.path.length ?? 0)) best = mount;
  }
  return best;
}

/** A subvolume of btrfs has a number of its own, which mountinfo does not show. */
function isOf(mount: Mount, device: string): boolean {
  return mount.device === device || mount.type === 'btrfs';
}

function below(folder: Buffer, rest: Buffer): Buffer {
  return folder.equals(slash) ? rest : Buffer.concat([folder, rest]);
}

/** Of one process of each namespace but ours. */
function mountsElsewhere(): Mount[][] {
  const seen = new Set([namespaceOf('self')]);
  const found: Mount[][] = [];
  for (const name of readdirSync('/proc')) {
    if (found.length >= maxNamespaces) break;
    const namespace = /^\d+$/.test(name) ? namespaceOf(name) : undefined;
    if (namespace === undefined || seen.has(namespace)) continue;
    seen.add(namespace);
    try {
      found.push(mountsIn(readFileSync(`/proc/${name}/mountinfo`)));
    } catch {
      seen.delete(namespace); // It has just ended; another process may be in there.
    }
  }
  return found;
}

function namespaceOf(process: string): number | undefined {
  try {
    return statSync(`/proc/${process}/ns/mnt`).ino;
  } catch {
    return undefined; // It has ended.
  }
}
