/** What the agent, the CLI, the SDK and the pages load: checks that are generated, and no typebox. */
import { describe, expect, it } from 'vitest';
import { closure, graphOf } from '../../tools/import-graph.ts';
import { isPackageSource, readSources } from '../../tools/sources.ts';

const graph = graphOf(readSources(['packages']).filter(({ path }) => isPackageSource(path)));

/** Modules that `entry` loads, at once or later by a dynamic import. */
function modulesOf(entry: string): string[] {
  let loaded = closure(graph, [entry]);
  for (;;) {
    const more = [...loaded].flatMap((path) => graph.get(path)?.later ?? []);
    const grown = closure(graph, [...loaded, ...more]);
    if (grown.size === loaded.size) break;
    loaded = grown;
  }
  return [...loaded].flatMap((path) => graph.get(path)?.modules ?? []);
}

describe.each([
  'packages/agent/src/main.ts',
  'packages/cli/src/main.ts',
  'packages/console/src/main.tsx',
  'packages/sdk/src/index.ts',
  'packages/sdk/src/node/index.ts',
])('%s', (entry) => {
  it('is known, and loads no typebox', () => {
    expect(graph.has(entry)).toBe(true);
    expect(modulesOf(entry).filter((module) => module.startsWith('typebox'))).toEqual([]);
  });
});

describe('the server', () => {
  it('loads typebox, for its routes', () => {
    expect(modulesOf('packages/server/src/main.ts')).toContain('typebox');
  });
});
