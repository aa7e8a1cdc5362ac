/**
 * Builds the console's pages into `packages/console/dist/site` where they are missing or older than their sources:
 * `npm run console`. `npm start` and `npm test` see to it by themselves.
 */
import { createHash } from 'node:crypto';
import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';

const root = new URL('../', import.meta.url);
const consolePackage = new URL('packages/console/', root);
const site = new URL('dist/site/', consolePackage);
/** Holds the digest of what the site was built from. */
const stampName = '.built-from';

const sources = ['packages/console/src', 'packages/protocol/src'];
const settings = ['packages/console/index.html', 'packages/console/vite.config.ts', 'package-lock.json'];

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildConsole();

/** Builds the site unless it is there, from these very sources. */
export async function buildConsole(): Promise<void> {
  const desired = await digestOfSources();
  const built = await readFile(new URL(stampName, site), 'utf8').catch(() => '');
  if (built === desired) return;
  // Loaded only where there is something to build: it takes half a second, and `npm start` waits for it.
  const { build } = await import('vite');
  // Beside the site, and moved into its place whole: somebody else may be building, or serving, at this moment.
  const fresh = new URL(`dist/site-${process.pid}/`, consolePackage);
  // Tests set it to "test", and a site for development is a third larger and names our files.
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  try {
    await build({
      root: consolePackage.pathname,
      configFile: new URL('vite.config.ts', consolePackage).pathname,
      logLevel: 'warn',
      build: { outDir: fresh.pathname, emptyOutDir: true },
    });
  } finally {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
  }
  await compressAll(fresh);
  await writeFile(new URL(stampName, fresh), desired);
  const old = new URL(`dist/site-old-${process.pid}/`, consolePackage);
  await rename(site, old).catch(() => undefined); // There was none.
  await rename(fresh, site).catch(async (error: unknown) => {
    // Another build was quicker; its site is as good as ours.
    await rm(fresh, { recursive: true });
    if ((await readFile(new URL(stampName, site), 'utf8').catch(() => '')) !== desired) throw error;
  });
  await rm(old, { recursive: true, force: true });
}

async function digestOfSources(): Promise<string> {
  const hash = createHash('sha256');
  const listed = await Promise.all(
    sources.map(async (folder) =>
      (await readdir(new URL(folder, root), { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
        .map((entry) => `${entry.parentPath}/${entry.name}`),
    ),
  );
  const paths = [...settings.map((path) => new URL(path, root).pathname), ...listed.flat().sort()];
  for (const path of paths) hash.update(path.slice(root.pathname.length)).update(await readFile(path));
  return hash.digest('hex');
}

/** Pressed once here, so that the server presses nothing. */
async function compressAll(folder: URL): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`);
  await Promise.all(
    files.map(async (file) => {
      const content = await readFile(file);
      await writeFile(`${file}.br`, await promisify(brotliCompress)(content));
      await writeFile(`${file}.gz`, await promisify(gzip)(content, { level: 9 }));
    }),
  );
}
