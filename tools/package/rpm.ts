/** A package for RHEL and its kinds, made by rpmbuild. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Packaging } from './deb.ts';
import type { Product } from './products.ts';
import { architectures, run } from './runtime.ts';
import { filesOf, layOut } from './tree.ts';

/** rpm calls these scripts with the number of versions that stay. It has no purge: state and settings stay. */
const scriptlets = {
  post: 'if [ "$1" -eq 1 ]; then after_install first; else after_install update; fi',
  preun: 'if [ "$1" -eq 0 ]; then before_remove; fi',
  postun: 'if [ "$1" -eq 0 ]; then after_remove; fi',
} as const;

/** Returns the path of the package. */
export function makeRpm(product: Product, packaging: Packaging): string {
  const { architecture, version, epoch, into, scratch } = packaging;
  const target = architectures[architecture].rpm;
  const work = join(scratch, `${product.name}-rpm`);
  rmSync(work, { recursive: true, force: true });
  const tree = join(work, 'tree');
  layOut(product.entries, tree, epoch);
  const spec = join(work, 'package.spec');
  writeFileSync(spec, specOf(product, packaging, tree));
  const defined = { _topdir: work, _rpmdir: join(work, 'out'), _buildhost: 'localhost', _rpmfilename: 'package.rpm' };
  const defines = Object.entries(defined).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
  const args = ['-bb', '--target', `${target}-linux`, '--buildroot', join(work, 'root'), ...defines, spec];
  run('rpmbuild', args, 'rpm', { env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch) } });
  const file = join(into, `${product.name}-${version}-1.${target}.rpm`);
  mkdirSync(into, { recursive: true });
  copyFileSync(join(work, 'out', 'package.rpm'), file);
  return file;
}

function specOf(product: Product, { version, compression }: Packaging, tree: string): string {
  const files = filesOf(tree).map((path) => {
    const setting = product.entries.some((entry) => entry.setting === true && entry.path === path);
    return `${setting ? '%config(noreplace) ' : ''}"${path}"`;
  });
  const folders = [...new Set(product.entries.flatMap(({ path }) => ownFolder(path)))].map((path) => `%dir "${path}"`);
  const scripts = product.scripts;
  return [
    // Nothing is compiled, stripped or looked through here: what is in the tree is what is installed.
    '%global debug_package %{nil}',
    '%global __os_install_post %{nil}',
    '%global _build_id_links none',
    '%global use_source_date_epoch_as_buildtime 1',
    '%global clamp_mtime_to_source_date_epoch 1',
    `%global _binary_payload w${compression}.xzdio`,
    `Name: ${product.name}`,
    `Version: ${version}`,
    'Release: 1',
    `Summary: ${product.summary}`,
    'License: Apache-2.0',
    'AutoReqProv: no',
    ...product.depends.rpm.map((one) => `Requires: ${one}`),
    '%description',
    product.description,
    '%install',
    'mkdir -p %{buildroot}',
    `cp -a ${tree}/. %{buildroot}/`,
    '%files',
    '%defattr(-,root,root,-)',
    ...folders,
    ...files,
    ...Object.entries(scripts === undefined ? {} : scriptlets).flatMap(([name, call]) => [
      `%${name}`,
      `set -e\n${(scripts ?? '').replaceAll('%', '%%')}\n${call}`,
    ]),
    '',
  ].join('\n');
}

/** The folder that this product alone has files in: it goes with the package. */
function ownFolder(path: string): string[] {
  const found = /^\/usr\/lib\/cordon[a-z-]*(?=\/)/.exec(path);
  return found ? [found[0]] : [];
}
