/**
 * Makes what is published on npm, under `build/packages`: a folder and a tarball each of protocol, sdk and cli.
 *
 *   npm run pack
 *
 * In the repository packages export their source (docs/decisions/0002); a published one exports the compiled files, with
 * types, and runs on older Nodes too. publint judges each folder, and any complaint fails.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = new URL('../', import.meta.url);

/** What is published, and the oldest Node it runs on. */
const published = { protocol: '>=20', sdk: '>=20', cli: '>=24' } as const;

/** The tarballs, in the order in which they depend on one another. */
export async function pack(into: URL): Promise<string[]> {
  execFileSync(fileURLToPath(new URL('node_modules/.bin/tsc', root)), ['--build'], { cwd: root, stdio: 'inherit' });
  const tarballs: string[] = [];
  for (const [name, node] of Object.entries(published)) {
    const folder = new URL(`${name}/`, into);
    stage(name, node, folder);
    await judge(name, folder);
    const printed = execFileSync('npm', ['pack', '--json', '--ignore-scripts'], { cwd: folder, encoding: 'utf8' });
    const [packed]: { filename: string }[] = JSON.parse(printed);
    tarballs.push(fileURLToPath(new URL(packed?.filename ?? '', folder)));
  }
  return tarballs;
}

function stage(name: string, node: string, folder: URL): void {
  const source = new URL(`packages/${name}/`, root);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(new URL('dist/', source), new URL('dist/', folder), {
    recursive: true,
    filter: (path) => !path.endsWith('.tsbuildinfo') && !path.endsWith('.map'),
  });
  if (name === 'cli') cpSync(new URL('bin/', source), new URL('bin/', folder), { recursive: true });
  for (const file of ['README.md', 'LICENSE']) {
    const own = new URL(file, file === 'LICENSE' ? root : source);
    if (name !== 'protocol' || file !== 'README.md') cpSync(own, new URL(file, folder));
  }
  if (name === 'cli') writeManual(source, folder);
  const manifest: unknown = JSON.parse(readFileSync(new URL('package.json', source), 'utf8'));
  writeFileSync(new URL('package.json', folder), `${JSON.stringify(publishedManifest(manifest, node), null, 2)}\n`);
}

/** `man cordon`, out of the commands themselves. */
function writeManual(source: URL, folder: URL): void {
  const command = fileURLToPath(new URL('bin/cordon.mjs', source));
  const page = execFileSync(process.execPath, [command, 'manual'], { encoding: 'utf8' });
  mkdirSync(new URL('man/', folder));
  writeFileSync(new URL('man/cordon.1', folder), page);
}

/** The manifest of the repository, with its sources replaced by what was compiled of them. */
function publishedManifest(manifest: unknown, node: string): Record<string, unknown> {
  const { private: _private, exports: sources, engines: _engines, ...rest } = Object(manifest);
  const exports = Object.fromEntries(
    Object.entries(Object(sources)).map(([path, source]) => {
      const compiled = String(source).replace(/^\.\/src\/(.*)\.ts$/, './dist/$1');
      return [path, { types: `${compiled}.d.ts`, default: `${compiled}.js` }];
    }),
  );
  const more =
    sources === undefined ? { files: ['bin', 'dist', 'man'], man: './man/cordon.1' } : { files: ['dist'], exports };
  return { ...rest, engines: { node }, ...more, sideEffects: false };
}

async function judge(name: string, folder: URL): Promise<void> {
  const { messages, pkg } = await publint({ pkgDir: fileURLToPath(folder), strict: true });
  if (messages.length === 0) return;
  const said = messages.map((message) => formatMessage(message, pkg)).join('\n');
  throw new Error(`publint does not like @cordon/${name}:\n${said}`);
}

if (import.meta.main) {
  const tarballs = await pack(new URL('build/packages/', root));
  process.stdout.write(`${tarballs.join('\n')}\n`);
}
