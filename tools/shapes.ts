/**
 * Writes a `.shape.ts` beside each `.schema.ts`: the types as plain interfaces, and checks that load no typebox.
 * `npm run shapes` writes them; `npm run check` says which are older than their schemas.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { SchemaModules } from './shapes/modules.ts';
import { textOf } from './shapes/text.ts';

const root = new URL('../', import.meta.url);

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [file, text] of await wantedShapes()) {
    if (readOr(file) !== text) writeFileSync(new URL(file, root), text);
  }
}

/** The check: whether each file says what its schemas say. */
export async function holdShapes(): Promise<boolean> {
  const stale = [...(await wantedShapes())].filter(([file, text]) => readOr(file) !== text).map(([file]) => file);
  for (const file of stale) process.stdout.write(`${file} is older than its schema: run npm run shapes\n`);
  return stale.length === 0;
}

/** The text of each generated file, by its path. */
async function wantedShapes(): Promise<Map<string, string>> {
  const files = globSync('packages/*/src/**/*.schema.ts', { cwd: root.pathname }).sort();
  const modules = await SchemaModules.load(root, files);
  const options = await resolveConfig(new URL('package.json', root).pathname);
  const texts = new Map<string, string>();
  for (const file of files) {
    const target = file.replace(/\.schema\.ts$/, '.shape.ts');
    texts.set(target, await format(textOf(modules, file), { ...options, filepath: target }));
  }
  return texts;
}

function readOr(file: string): string | undefined {
  try {
    return readFileSync(new URL(file, root), 'utf8');
  } catch {
    return undefined; // Not there yet.
  }
}
