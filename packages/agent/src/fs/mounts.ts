/** Which filesystems are watched, from what /proc/self/mountinfo says (proc_pid_mountinfo(5)). */

export interface Mount {
  /** `major:minor`, as the kernel numbers the filesystem. */
  readonly device: string;
  readonly point: string;
  readonly type: string;
}

/** Filesystems whose files are kept by this machine itself. */
const real: ReadonlySet<string> = new Set([
  'ext2',
  'ext3',
  'ext4',
  'xfs',
  'btrfs',
  'bcachefs',
  'f2fs',
  'jfs',
  'zfs',
  'tmpfs',
  'ramfs',
  'vfat',
  'msdos',
  'exfat',
  'ntfs3',
  'hfsplus',
  'udf',
  'iso9660',
  'squashfs',
  'erofs',
]);

/** Why one of another type is left out. */
export function reasonToLeaveOut(type: string): string | undefined {
  if (real.has(type)) return undefined;
  if (type === 'overlay') return 'its files lie on the filesystems below it, which are watched themselves';
  if (type === 'fuse' || type.startsWith('fuse.') || type === 'fuseblk')
    return 'a program keeps it, which might open files itself while we wait for it';
  if (/^(nfs\d?|cifs|smb3|ceph|afs|9p|virtiofs|lustre|glusterfs|ocfs2|gfs2)$/.test(type))
    return 'others keep it, and one that does not answer would hold up everything here';
  return 'the kernel makes it up, and keeps no files in it';
}

export function mountsIn(mountinfo: string): Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [before = '', after] = line.split(' - ');
    const [, , device, , point] = before.split(' ');
    const [type] = after?.split(' ') ?? [];
    if (device === undefined || point === undefined || type === undefined) return [];
    return [{ device, point: unescaped(point), type }];
  });
}

/**
 * One way in for each real filesystem, the shortest. With `only`, just those that are mounted at these very points.
 * What is mounted over something else hides it, so the last line for a point is the one that counts.
 */
export function filesystemsToWatch(mounts: readonly Mount[], only: readonly string[] | undefined): Mount[] {
  const visible = new Map(mounts.map((mount) => [mount.point, mount]));
  const desired = [...visible.values()].filter(
    ({ type, point }) => reasonToLeaveOut(type) === undefined && (only === undefined || only.includes(point)),
  );
  const chosen = new Map<string, Mount>();
  for (const mount of desired.sort((one, other) => one.point.length - other.point.length))
    if (!chosen.has(mount.device)) chosen.set(mount.device, mount);
  return [...chosen.values()];
}

/** CORDON_AGENT_ON_ACCESS_ONLY: mount points, with a colon between them. */
export function onlyThese(setting: string | undefined): string[] | undefined {
  return setting === undefined || setting === '' ? undefined : setting.split(':').filter((one) => one !== '');
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
