/** Which filesystems of this host are real: those that hold files of their own, and can be read without waiting for others. */
import { readFileSync } from 'node:fs';

export interface Mount {
  readonly path: Buffer;
  /** The part of the filesystem that is mounted: `/` for all of it. */
  readonly part: string;
  /** `major:minor`. */
  readonly device: string;
  readonly type: string;
}

/** Real, although no block device is below them. */
const realWithoutDevice = new Set(['tmpfs', 'zfs']);

/** proc_pid_mountinfo(5). Paths are bytes, with blanks and the like as octal numbers. */
export function mountsIn(text: Buffer): Mount[] {
  return text
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

/** Each once, however often it is mounted; an overlay only as the root, for else its layers are swept as what they are. */
export function realMounts(mounts: readonly Mount[], filesystems: string): Mount[] {
  const withoutDevice = new Set([...filesystems.matchAll(/^nodev\s+(\S+)$/gm)].map(([, type = '']) => type));
  const real = mounts.filter(({ type, path }) => {
    if (type === 'overlay') return path.toString('latin1') === '/';
    return !type.startsWith('fuse') && (realWithoutDevice.has(type) || !withoutDevice.has(type));
  });
  const chosen = new Map<string, Mount>();
  for (const mount of real.toSorted((one, other) => one.path.length - other.path.length)) {
    const whole = `${mount.device} /`;
    const key = mount.part === '/' ? whole : `${mount.device} ${mount.part}`;
    if (!chosen.has(key)) chosen.set(key, mount);
  }
  // A part of what is mounted as a whole is swept with it.
  return [...chosen.values()].filter(({ device, part }) => part === '/' || !chosen.has(`${device} /`));
}

export function realMountsNow(): Mount[] {
  return realMounts(mountsNow(), readFileSync('/proc/filesystems', 'utf8'));
}

function unescaped(text: string): Buffer {
  return Buffer.from(
    text.replaceAll(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8))),
    'latin1',
  );
}
