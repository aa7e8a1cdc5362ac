/** Compares the run-time dependencies of each package with the list in docs/dependencies.md: each earns its line. */
import { readFileSync, readdirSync } from 'node:fs';

const root = new URL('../', import.meta.url);

/** True when every dependency has its line, and every line its dependency; says what differs otherwise. */
export function checkDependencies(): boolean {
  const used = usedDependencies();
  const listed = listedDependencies();
  const missing = [...used].filter((name) => !listed.has(name));
  const stale = [...listed].filter((name) => !used.has(name));
  for (const name of missing)
    process.stderr.write(`docs/dependencies.md has no line for ${name}; say why it is needed.\n`);
  for (const name of stale) process.stderr.write(`docs/dependencies.md lists ${name}, which nothing depends on.\n`);
  return missing.length + stale.length === 0;
}

function usedDependencies(): Set<string> {
  const manifests = [
    'package.json',
    ...readdirSync(new URL('packages/', root)).map((name) => `packages/${name}/package.json`),
  ];
  return new Set(
    manifests
      .map((path): unknown => JSON.parse(readFileSync(new URL(path, root), 'utf8')))
      .flatMap((manifest) =>
        ['dependencies', 'devDependencies', 'optionalDependencies'].map((kind) => Object(manifest)[kind]),
      )
      .flatMap((dependencies) => Object.keys(Object(dependencies)))
      .filter((name) => !name.startsWith('@cordon/')),
  );
}

/** The first column of its tables, between backticks. */
function listedDependencies(): Set<string> {
  const text = readFileSync(new URL('docs/dependencies.md', root), 'utf8');
  return new Set([...text.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1] ?? ''));
}
