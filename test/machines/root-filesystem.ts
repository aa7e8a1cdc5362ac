/** A Debian to boot: made once by mmdebstrap, as an ext4 image that each machine gets a copy of. */
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../../node_modules/.cache/cordon-machines/', import.meta.url));

export type Suite = 'bullseye' | 'bookworm' | 'trixie';

const packages = [
  'systemd-sysv',
  'udev',
  'dbus',
  'kmod',
  'iproute2',
  'ifupdown',
  'nftables',
  'procps',
  'iputils-ping',
  'curl',
  'python3-minimal',
];

/** Each machine is given a name and an identity of its own. */
const customise = ['--customize-hook=truncate -s 0 "$1/etc/machine-id"; rm -f "$1/etc/hostname"'];

/** What a kind of machine needs besides. */
export interface Recipe {
  readonly packages: readonly string[];
  /** Options of mmdebstrap. */
  readonly options: readonly string[];
  /** As truncate(1) takes it. */
  readonly size: string;
}

/** Where packages come from, if not from all that mmdebstrap would take. */
const mirrors: Partial<Record<Suite, string>> = {
  // Its security archive lists a kernel that is gone.
  bullseye: 'deb http://deb.debian.org/debian bullseye main',
};

const container: Recipe = { packages: [], options: [], size: '3G' };

/** The path of an image of this suite; nobody boots it itself. */
export function imageOf(suite: Suite, recipe: Recipe = container): string {
  const included = [...packages, ...recipe.packages];
  const options = [...customise, ...recipe.options];
  const digest = createHash('sha256')
    .update(JSON.stringify([included, options, recipe.size]))
    .digest('hex')
    .slice(0, 12);
  const image = join(cache, `${suite}-${digest}.ext4`);
  if (existsSync(image)) return image;
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(join(tmpdir(), 'cordon-root-'));
  try {
    const [tar, fresh] = [join(scratch, 'root.tar'), join(scratch, 'root.ext4')];
    const mirror = mirrors[suite] === undefined ? [] : [mirrors[suite]];
    const include = `--include=${included.join(',')}`;
    execFileSync('mmdebstrap', ['--quiet', '--variant=minbase', include, ...options, suite, tar, ...mirror], {
      stdio: 'pipe',
    });
    execFileSync('truncate', ['-s', recipe.size, fresh]);
    execFileSync('mkfs.ext4', ['-q', '-F', fresh]);
    const unpack = 'mount -o loop "$1" "$2" && tar --numeric-owner --exclude="./dev/*" -xf "$3" -C "$2" && umount "$2"';
    const mount = join(scratch, 'mount');
    mkdirSync(mount);
    execFileSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', unpack, 'sh', fresh, mount, tar]);
    // Two test files may make it at the same moment.
    const part = `${image}.${process.pid}`;
    copyImage(fresh, part);
    renameSync(part, image);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return image;
}

/** Holes stay holes: the copy takes what the files in it take. */
export function copyImage(from: string, to: string): void {
  execFileSync('cp', ['--sparse=always', '--reflink=auto', from, to]);
}
