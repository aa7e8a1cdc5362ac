/** A plain archive with an install script, for a system with systemd and neither dpkg nor rpm. */
import { chmodSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Packaging } from './deb.ts';
import type { Product } from './products.ts';
import { run } from './runtime.ts';
import { filesOf, layOut } from './tree.ts';

/** Returns the path of the archive. */
export function makeArchive(
  product: Product,
  { architecture, version, epoch, into, scratch, compression }: Packaging,
): string {
  const name = `${product.name}-${version}-linux-${architecture}`;
  const work = join(scratch, `${product.name}-archive`);
  rmSync(work, { recursive: true, force: true });
  const tree = join(work, name, 'files');
  layOut(product.entries, tree, epoch);
  const script = (file: string, text: string): void => {
    const path = join(work, name, file);
    writeFileSync(path, text);
    chmodSync(path, 0o755);
    utimesSync(path, epoch, epoch);
  };
  script('install.sh', installer(product));
  script('uninstall.sh', uninstaller(product, filesOf(tree)));
  mkdirSync(into, { recursive: true });
  const file = join(into, `${name}.tar.xz`);
  const tar = [
    '--create',
    '--sort=name',
    `--mtime=@${epoch}`,
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--format=gnu',
  ];
  run(
    'tar',
    [...tar, '--use-compress-program', `xz -${compression} -T1`, '--file', file, '--directory', work, name],
    'tar and xz-utils',
  );
  return file;
}

function installer({ name, entries, scripts }: Product): string {
  const settings = entries.filter(({ setting }) => setting === true).map(({ path }) => path);
  return `#!/bin/sh
# Installs ${name} from this folder, or over an earlier version of it. Run it as root.
set -e
[ "$(id -u)" -eq 0 ] || { echo "install.sh: run this as root." >&2; exit 1; }
here=$(cd "$(dirname "$0")" && pwd)
${scripts ?? ''}
keep=$(mktemp -d)
${settings.map((path) => `if [ -e ${path} ]; then cp -p ${path} "$keep/"; fi`).join('\n')}
if [ -e /usr/lib/${name} ]; then how=update; else how=first; fi
rm -rf /usr/lib/${name}/dist
cp -R --remove-destination --no-preserve=ownership "$here/files/." /
${settings.map((path) => `if [ -e "$keep/${path.split('/').at(-1) ?? ''}" ]; then cp -p "$keep/${path.split('/').at(-1) ?? ''}" ${path}; fi`).join('\n')}
rm -r "$keep"
${scripts === undefined ? '' : 'after_install "$how"'}
echo "${name} is installed."
`;
}

function uninstaller({ name, entries, scripts }: Product, files: readonly string[]): string {
  const settings = entries.filter(({ setting }) => setting === true).map(({ path }) => path);
  const removed = files.filter((path) => !settings.includes(path));
  return `#!/bin/sh
# Removes ${name}; with --purge its settings and its state too. Run it as root.
set -e
[ "$(id -u)" -eq 0 ] || { echo "uninstall.sh: run this as root." >&2; exit 1; }
${scripts ?? ''}
${scripts === undefined ? '' : 'before_remove'}
rm -f ${removed.map((path) => `'${path}'`).join(' \\\n  ')}
find /usr/lib/${name} -depth -type d -empty -delete 2>/dev/null || true # It may be gone.
${scripts === undefined ? '' : 'after_remove'}
if [ "$1" = --purge ]; then
  rm -f ${settings.join(' ') || '/nonexistent'}
  ${scripts === undefined ? ':' : 'after_purge'}
fi
echo "${name} is removed."
`;
}
