/** What is inside a product that others have made: a CycloneDX document, and their licences. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Component {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** What must go along. */
  readonly text: string;
}

/** The npm packages that these modules belong to. Ours have no licence of their own. */
export function componentsOf(modules: readonly string[]): Component[] {
  const folders = new Set(modules.flatMap((path) => packageOf(path) ?? []));
  return [...folders]
    .map((folder) => componentIn(folder))
    .sort((one, other) => one.name.localeCompare(other.name, 'en'));
}

export function componentIn(folder: string): Component {
  const { name, version, license, author } = Object(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  const holder = String(Object(author).name ?? author ?? `the authors of ${String(name)}`);
  const text = file === undefined ? textFor(name, license, holder) : readFileSync(join(folder, file), 'utf8');
  return { name: String(name), version: String(version), licence: String(license), text };
}

/** CycloneDX 1.6, as JSON. Says nothing that differs between two builds of a commit. */
export function sbom(product: string, version: string, components: readonly Component[]): string {
  const listed = components.map((one) => ({
    type: 'library',
    name: one.name,
    version: one.version,
    purl: `pkg:npm/${one.name.replace('@', '%40')}@${one.version}`,
    licenses: [{ license: { id: one.licence } }],
  }));
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: { type: 'application', name: product, version, licenses: [{ license: { id: 'Apache-2.0' } }] },
    },
    components: listed,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The licences of all of them, in one text. */
export function licences(components: readonly Component[]): string {
  return components
    .map(({ name, version, licence, text }) => `${name} ${version} (${licence})\n\n${text.trim()}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** Some packages only name the MIT licence; its text must go along all the same. Throws for any other licence. */
function textFor(name: string, licence: string, author: string): string {
  if (licence !== 'MIT') throw new Error(`${name} (${licence}) brings no licence text to go along.`);
  const mit = readFileSync(new URL('mit-licence.txt', import.meta.url), 'utf8');
  return `Copyright (c) ${author}\n\n${mit}`;
}

/** The folder below node_modules that a module belongs to; undefined for ours and for what is no file. */
function packageOf(path: string): string | undefined {
  if (!path.includes('/node_modules/')) return undefined;
  let folder = dirname(path);
  while (!existsSync(join(folder, 'package.json')) || !namesPackage(folder)) folder = dirname(folder);
  return folder;
}

/** Some packages have a package.json in each folder, which says only how its modules are read. */
function namesPackage(folder: string): boolean {
  return Object(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).version !== undefined;
}
