/**
 * Which filesystems of this host are real, for both processes that look at files.
 *
 * Real is a filesystem that keeps files of its own and is read without asking anybody else. The kernel itself says
 * which these are: a type without "nodev" in /proc/filesystems needs a block device. So a type that comes with a new
 * kernel counts without a list of ours. Beside those, tmpfs and ramfs keep files in memory, and zfs brings its own
 * devices. FUSE never counts: a program keeps the files, even over a block device (fuseblk).
 *
 * Each process leaves something out of the real ones, for its own reason: `whyNotWatched` and `sweptMounts`.
 */
import { readFileSync } from 'node:fs';
import type { Problem } from '../problem.ts';

export interface Mount {
  readonly path: Buffer;
  /** The part of the filesystem that is mounted: `/` for all of it. */
  readonly part: string;
  /** `major:minor`. */
  readonly device: string;
  readonly type: string;
}

const realWithoutDevice: ReadonlySet<string> = new Set(['tmpfs', 'ramfs', 'zfs']);
/** Real, and shared with other machines over one disk. */
const clustered: ReadonlySet<string> = new Set(['ocfs2', 'gfs2']);

/** proc_pid_mountinfo(5). Paths are bytes, with blanks and the like as octal numbers. */
export function mountsIn(mountinfo: Buffer): Mount[] {
  return mountinfo
    .toString('latin1')
    .split('\n')
    .flatMap((line) => {
      const [, , device, part, path] = line.split(' ');
      const type = line.split(' - ')[1]?.split(' ')[0];
      if (device === undefined || part === undefined || path === undefined || type === undefined) return [];
      return [{ device, part: unescaped(part).toString('latin1'), path: unescaped(path), type }];
    });
}

export function mountsNow(): Mount[] {
  return mountsIn(readFileSync('/proc/self/mountinfo'));
}

/** Types that need no block device, by proc_filesystems(5). */
export function typesWithoutDevice(filesystems: string): ReadonlySet<string> {
  return new Set([...filesystems.matchAll(/^nodev\s+(\S+)$/gm)].map(([, type = '']) => type));
}

export function isReal(type: string, withoutDevice: ReadonlySet<string>): boolean {
  return !type.startsWith('fuse') && (realWithoutDevice.has(type) || !withoutDevice.has(type));
}

/** Why on-access leaves out a real filesystem of this type. */
export function whyNotWatched(type: string): Problem {
  return clustered.has(type)
    ? 'other machines share it, and one that does not answer would block every opening here'
    : undefined;
}

/**
 * What on-access watches: one mount point for each filesystem, the shortest. With `only`, just those that are mounted at
 * these very points. A mount hides what was mounted at the same point before, so the last line for a point counts.
 */
export function watchedMounts(
  mounts: readonly Mount[],
  withoutDevice: ReadonlySet<string>,
  only: readonly string[] | undefined,
): Mount[] {
  const visible = new Map(mounts.map((mount) => [mount.path.toString(), mount]));
  const chosen = new Map<string, Mount>();
  for (const [path, mount] of [...visible].toSorted(([one], [other]) => one.length - other.length)) {
    const { type, device } = mount;
    if (!isReal(type, withoutDevice) || whyNotWatched(type) !== undefined) continue;
    if ((only === undefined || only.includes(path)) && !chosen.has(device)) chosen.set(device, mount);
  }
  return [...chosen.values()];
}

/**
 * What a sweep goes through: each filesystem once, however often it is mounted. An overlay counts only as the root,
 * where its layers may have no path of their own; elsewhere the layers are swept as what they are.
 */
export function sweptMounts(mounts: readonly Mount[], withoutDevice: ReadonlySet<string>): Mount[] {
  const real = mounts.filter(({ type, path }) =>
    type === 'overlay' ? path.toString('latin1') === '/' : isReal(type, withoutDevice),
  );
  const chosen = new Map<string, Mount>();
  for (const mount of real.toSorted((one, other) => one.path.length - other.path.length)) {
    const key = `${mount.device} ${mount.part}`;
    if (!chosen.has(key)) chosen.set(key, mount);
  }
  // Part of a mount that is swept as a whole.
  return [...chosen.values()].filter(({ device, part }) => part === '/' || !chosen.has(`${device} /`));
}

export function sweptMountsNow(): Mount[] {
  return sweptMounts(mountsNow(), typesWithoutDevice(readFileSync('/proc/filesystems', 'utf8')));
}

/** `st_dev` as `major:minor`, unpacked as gnu_dev_makedev packs it (makedev(3)). */
export function deviceNumbers(device: number): string {
  const number = BigInt(device);
  const major = ((number >> 8n) & 0xfffn) | ((number >> 32n) & 0xfffff000n);
  const minor = (number & 0xffn) | ((number >> 12n) & 0xffffff00n);
  return `${major}:${minor}`;
}

/** CORDON_AGENT_ON_ACCESS_ONLY: mount points, with a colon between them. */
export function onlyThese(setting: string | undefined): string[] | undefined {
  return setting === undefined || setting === '' ? undefined : setting.split(':').filter((one) => one !== '');
}

function unescaped(text: string): Buffer {
  return Buffer.from(
    text.replaceAll(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8))),
    'latin1',
  );
}
