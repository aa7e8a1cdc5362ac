/** A Debian with a kernel of its own: the disk of a virtual machine, and what its firmware would load from it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { imageOf } from '../root-filesystem.ts';
import type { Recipe, Suite } from '../root-filesystem.ts';

/** The files that qemu starts a machine with. */
export interface Disk {
  readonly image: string;
  readonly kernel: string;
  readonly initrd: string;
}

const interfaces = 'auto lo\\niface lo inet loopback\\nauto eth0\\niface eth0 inet dhcp\\n';

/** Debian's own kernel, DHCP, and an agent through which the test speaks to it without a network. */
const virtual: Recipe = {
  packages: ['linux-image-cloud-amd64', 'qemu-guest-agent', 'isc-dhcp-client', 'ca-certificates'],
  options: [
    '--customize-hook=printf "/dev/vda / ext4 defaults 0 1\\n" >"$1/etc/fstab"',
    `--customize-hook=printf "${interfaces}" >"$1/etc/network/interfaces"`,
    // A minute of its first boot, and nothing to do with us.
    '--customize-hook=chroot "$1" systemctl mask ifupdown-pre e2scrub_reap apt-daily.timer apt-daily-upgrade.timer',
    '--customize-hook=rm -f "$1"/var/cache/apt/archives/*.deb',
  ],
  size: '4G',
};

/** Of this suite, with further packages; nobody boots it itself. */
export function diskOf(suite: Suite, more: readonly string[] = []): Disk {
  const image = imageOf(suite, { ...virtual, packages: [...virtual.packages, ...more] });
  const boot = image.replace(/\.ext4$/, '.boot');
  if (!existsSync(boot)) takeOut(image, boot);
  const names = readdirSync(boot);
  const file = (start: string): string => {
    const name = names
      .filter((one) => one.startsWith(start))
      .toSorted()
      .at(-1);
    if (name === undefined) throw new Error(`There is no ${start} in ${boot}.`);
    return join(boot, name);
  };
  return { image, kernel: file('vmlinuz-'), initrd: file('initrd.img-') };
}

/** Reads the kernel out of the image without mounting it. */
function takeOut(image: string, into: string): void {
  const part = `${into}.${process.pid}`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part);
  execFileSync('debugfs', ['-R', `rdump /boot ${part}`, image], { stdio: 'pipe' });
  renameSync(join(part, 'boot'), into);
  rmSync(part, { recursive: true });
}
