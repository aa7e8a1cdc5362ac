/** A Debian package, made by dpkg-deb. */
import { mkdirSync, rmSync, utimesSync, writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import type { Product } from './products.ts';
import type { Architecture } from './runtime.ts';
import { run } from './runtime.ts';
import { layOut } from './tree.ts';

export interface Packaging {
  readonly architecture: Architecture;
  readonly version: string;
  /** Seconds: the time of everything in the package. */
  readonly epoch: number;
  /** Folder of the finished packages. */
  readonly into: string;
  readonly scratch: string;
  /** 1 to 9, as xz(1) has it: 6 for what is published, 0 for tests. */
  readonly compression: number;
}

/** Debian calls these scripts with a word for what it does. */
const maintainer = {
  postinst: 'configure) if [ -z "$2" ]; then after_install first; else after_install update; fi ;;',
  prerm: 'remove) before_remove ;;',
  postrm: 'remove) after_remove ;;\n  purge) after_remove; after_purge ;;',
} as const;

/** Returns the path of the package. */
export function makeDeb(product: Product, packaging: Packaging): string {
  const { architecture, version, epoch, into, scratch, compression } = packaging;
  const tree = join(scratch, `${product.name}-deb`);
  rmSync(tree, { recursive: true, force: true });
  layOut(product.entries, tree, epoch);
  const control = join(tree, 'DEBIAN');
  mkdirSync(control);
  const write = (name: string, content: string, mode = 0o644): void => {
    writeFileSync(join(control, name), content);
    chmodSync(join(control, name), mode);
    utimesSync(join(control, name), epoch, epoch);
  };
  const settings = product.entries.filter(({ setting }) => setting === true).map((one) => one.path);
  write('control', controlOf(product, packaging, kilobytesIn(tree)));
  if (settings.length > 0) write('conffiles', `${settings.join('\n')}\n`);
  for (const [name, cases] of Object.entries(product.scripts === undefined ? {} : maintainer)) {
    write(name, `#!/bin/sh\nset -e\n\n${product.scripts ?? ''}\ncase "$1" in\n  ${cases}\nesac\n`, 0o755);
  }
  const file = join(into, `${product.name}_${version}_${architecture}.deb`);
  run('dpkg-deb', ['--build', '--root-owner-group', '-Zxz', `-z${compression}`, tree, file], 'dpkg', {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch) },
  });
  return file;
}

function controlOf(product: Product, { architecture, version }: Packaging, installedKb: number): string {
  return [
    `Package: ${product.name}`,
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    'Maintainer: The Cordon maintainers <cordon@localhost>',
    `Installed-Size: ${installedKb}`,
    `Depends: ${product.depends.deb.join(', ')}`,
    'Section: admin',
    'Priority: optional',
    `Description: ${product.summary}`,
    ` ${product.description}`,
    '',
  ].join('\n');
}

function kilobytesIn(folder: string): number {
  return Number(execFileSync('du', ['-sk', '--apparent-size', folder], { encoding: 'utf8' }).split('\t')[0]);
}
