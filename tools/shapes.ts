/**
 * Writes a `.shape.ts` beside each `.schema.ts`: the types as plain interfaces, and checks that load no typebox for
 * those that some source reads (`nameShape`). A first use of another: write its import, then run this.
 * `npm run shapes` writes them; `npm run check` says which are older than their schemas.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { SchemaModules } from './shapes/modules.ts';
import { shapeName, textOf, withReferences } from './shapes/text.ts';

const root = new URL('../', import.meta.url);

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [file, text] of await generatedShapes()) {
    if (readOr(file) !== text) writeFileSync(new URL(file, root), text);
  }
}

/** The check: whether each file says what its schemas say. */
export async function holdShapes(): Promise<boolean> {
  const stale = [...(await generatedShapes())].filter(([file, text]) => readOr(file) !== text).map(([file]) => file);
  for (const file of stale) process.stdout.write(`${file} is older than its schema: run npm run shapes\n`);
  return stale.length === 0;
}

/** The text of each generated file, by its path. */
async function generatedShapes(): Promise<Map<string, string>> {
  const files = globSync('packages/*/src/**/*.schema.ts', { cwd: root.pathname }).sort();
  const modules = await SchemaModules.load(root, files);
  const used = withReferences(modules, namesRead(modules, files));
  const options = await resolveConfig(new URL('package.json', root).pathname);
  const texts = new Map<string, string>();
  for (const file of files) {
    const target = file.replace(/\.schema\.ts$/, '.shape.ts');
    texts.set(target, await format(textOf(modules, file, used), { ...options, filepath: target }));
  }
  return texts;
}

/** The schemas by whose shapes some source reads or checks; the others are only sent. */
function namesRead(modules: SchemaModules, files: readonly string[]): string[] {
  const sources = globSync('packages/*/src/**/*.{ts,tsx}', { cwd: root.pathname });
  const text = sources
    .filter((file) => !/\.(shape|test)\.ts$/.test(file))
    .map((file) => readFileSync(new URL(file, root), 'utf8'))
    .join('\n');
  const words = new Set(text.match(/\b\w+Shape\b/g));
  return files
    .flatMap((file) => modules.moduleOf(file).schemas.map(([name]) => name))
    .filter((name) => words.has(shapeName(name)));
}

function readOr(file: string): string | undefined {
  try {
    return readFileSync(new URL(file, root), 'utf8');
  } catch {
    return undefined; // Not there yet.
  }
}
