/** The import graph of the sources: what a file loads, and which folders import each other in a circle. */
import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { root } from './sources.ts';
import type { SourceFile } from './sources.ts';

/** Groups of folders from each of which every other can be reached, sorted. */
export function circlesIn(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const reach = new Map([...edges.keys()].map((from) => [from, reached(edges, from)]));
  const groups = [...edges.keys()].map((from) =>
    [...(reach.get(from) ?? [])].filter((to) => reach.get(to)?.has(from) === true).toSorted(),
  );
  return [...new Map(groups.filter((group) => group.length > 1).map((group) => [group.join(' '), group])).values()];
}

function reached(edges: ReadonlyMap<string, readonly string[]>, from: string): Set<string> {
  const seen = new Set<string>();
  const open = [...(edges.get(from) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...(edges.get(next) ?? []));
  }
  return seen;
}

/** What a file loads when it is loaded: files of the repository and modules. */
export interface Loads {
  readonly files: readonly string[];
  readonly modules: readonly string[];
}

/** The graph of value imports; dynamic imports and programs are edges of their own, in `later`. */
export function graphOf(files: readonly SourceFile[]): Map<string, Loads & { readonly later: readonly string[] }> {
  return new Map(
    files.map(({ path, imports }) => {
      const values = imports.filter(({ kind }) => kind === 'value').map(({ specifier }) => resolve(path, specifier));
      const later = imports
        .filter(({ kind }) => kind === 'dynamic' || kind === 'program')
        .map(({ specifier }) => resolve(path, specifier));
      return [
        path,
        {
          files: values.filter(isFile),
          modules: values.filter((target) => !isFile(target)),
          later: later.filter(isFile),
        },
      ];
    }),
  );
}

/** Whether a resolved import is a file of the repository, not a module. */
export function isFile(target: string): boolean {
  return target.startsWith('packages/');
}

/** All files that loading `entries` loads. */
export function closure(graph: ReadonlyMap<string, Loads>, entries: readonly string[]): Set<string> {
  const edges = new Map([...graph].map(([path, { files }]) => [path, files]));
  return new Set(entries.flatMap((entry) => [entry, ...reached(edges, entry)]));
}

/** The file of the repository that `specifier` names, or the specifier where it names a module. */
export function resolve(path: string, specifier: string): string {
  if (specifier.startsWith('src:')) return path.replace(/^(packages\/[^/]+\/src\/).*/, `$1${specifier.slice(4)}`);
  if (specifier.startsWith('.')) return posix.normalize(posix.join(posix.dirname(path), specifier));
  const [, name, below] = /^@cordon\/([^/]+)(\/.*)?$/.exec(specifier) ?? [];
  if (name === undefined) return specifier;
  const file = exportsOf(name)[`.${below ?? ''}`];
  return typeof file === 'string' ? posix.join('packages', name, file) : specifier;
}

const known = new Map<string, Record<string, unknown>>();

function exportsOf(name: string): Record<string, unknown> {
  const cached = known.get(name);
  if (cached !== undefined) return cached;
  const manifest = new URL(`packages/${name}/package.json`, root);
  const parsed: unknown = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')) : {};
  const exports: Record<string, unknown> = Object(Object(parsed).exports);
  known.set(name, exports);
  return exports;
}
