/** What each process of the agent loads, followed from main.ts over the real imports, its worker threads included. */
import { describe, expect, it } from 'vitest';
import { closure, graphOf } from '../../tools/import-graph.ts';
import { isPackageSource, readSources } from '../../tools/sources.ts';

const source = 'packages/agent/src';
const graph = graphOf(readSources(['packages']).filter(({ path }) => isPackageSource(path)));

/** The file that main.ts loads for a process, and the folders that may then be in its memory. */
const processes = {
  supervisor: { entry: 'supervisor/supervisor.ts', folders: ['supervisor'] },
  link: { entry: 'link/run.ts', folders: ['link', 'ipc', 'fs'] },
  enforcer: { entry: 'enforcer/run.ts', folders: ['enforcer', 'kernel', 'ipc', 'fs', 'matching'] },
  'on-access': { entry: 'on-access/run.ts', folders: ['on-access', 'kernel', 'ipc', 'fs', 'matching'] },
  watchdog: { entry: 'on-access/watchdog/watchdog.ts', folders: ['on-access'] },
  scanner: { entry: 'scanner/run.ts', folders: ['scanner', 'kernel', 'ipc', 'fs', 'matching'] },
  'enrol-request': { entry: 'link/enrolment/child.ts', folders: ['link', 'ipc', 'fs'] },
} as const;

const network = /^(node:)?(tls|https?|http2|dgram|dns)$|^ws$/;

/** Every file that `entry` loads, at once, later by a dynamic import, or in a worker thread. */
function loadedBy(entry: string, within: string = source): string[] {
  let loaded = closure(graph, [`${within}/${entry}`]);
  for (;;) {
    const more = [...loaded].flatMap((path) => graph.get(path)?.later ?? []).filter((path) => !isEntry(path));
    const grown = closure(graph, [...loaded, ...more]);
    if (grown.size === loaded.size) return [...loaded];
    loaded = grown;
  }
}

/** A process that names the program itself starts another process with it; that one is a row of its own. */
function isEntry(path: string): boolean {
  return path === `${source}/main.ts`;
}

function foldersOf(files: readonly string[]): string[] {
  const own = files.filter((path) => path.startsWith(source));
  const folders = own.map((path) => path.slice(source.length + 1)).filter((path) => path.includes('/'));
  return [...new Set(folders.map((path) => path.slice(0, path.indexOf('/'))))];
}

describe.each(Object.entries(processes))('%s', (name, { entry, folders }) => {
  const loaded = loadedBy(entry);
  const modules = loaded.flatMap((path) => graph.get(path)?.modules ?? []);

  it('is a process that main.ts starts', () => {
    expect(graph.get(`${source}/main.ts`)?.later).toContain(`${source}/${entry}`);
  });

  it('loads no folder but its own and the ground floor', () => {
    const others = foldersOf(loaded).filter((folder) => !folders.some((own) => own === folder));
    expect(others).toEqual([]);
  });

  it('loads the network only if it is link', () => {
    const isLink = name === 'link' || name === 'enrol-request';
    expect(modules.some((module) => network.test(module))).toBe(isLink);
  });

  it('loads system calls only if it runs as root', () => {
    const isRoot = name === 'enforcer' || name === 'on-access' || name === 'scanner';
    expect(loaded.includes(`${source}/kernel/library.ts`)).toBe(isRoot);
  });
});

describe('worker threads', () => {
  it.each([
    ['on-access', 'on-access/reader/reader.ts'],
    ['on-access', 'on-access/reader/hasher.ts'],
    ['scanner', 'scanner/sweep/worker.ts'],
    ['scanner', 'scanner/quarantine/worker.ts'],
    ['scanner', 'scanner/protected-files/worker.ts'],
  ] as const)('of %s are followed, too: %s', (process, file) => {
    expect(loadedBy(processes[process].entry)).toContain(`${source}/${file}`);
  });
});

describe('what a person types', () => {
  it.each(['commands/enrol.ts', 'commands/status.ts', 'commands/release.ts'])('%s has no network', (entry) => {
    const modules = loadedBy(entry).flatMap((path) => graph.get(path)?.modules ?? []);
    expect(modules.filter((module) => network.test(module))).toEqual([]);
  });
});

describe('typebox, whose compiler costs a tenth of a second and ten megabytes,', () => {
  it.each([
    ['packages/cli/src', 'main.ts'],
    ['packages/sdk/src', 'index.ts'],
    ['packages/console/src', 'main.tsx'],
  ])('is not loaded by %s/%s', (within, entry) => {
    const loaded = loadedBy(entry, within);
    expect(loaded.length).toBeGreaterThan(20);
    expect(loaded.filter((path) => graph.get(path)?.modules.some((module) => module.startsWith('typebox')))).toEqual(
      [],
    );
  });
});
