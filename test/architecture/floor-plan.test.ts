/** The floor plan: one planted violation a rule, each of which the check refuses. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkFloorPlan, pureFiles } from '../../tools/floor-plan.ts';
import { isPackageSource, parseSource, readSources, root } from '../../tools/sources.ts';

const agent = 'packages/agent/src';
const server = 'packages/server/src';

function problems(files: Readonly<Record<string, string>>): string[] {
  const sources = Object.entries(files).map(([path, text]) => parseSource(path, text));
  return checkFloorPlan(sources).map(({ problem }) => problem);
}

const processes = ['supervisor', 'link', 'enforcer', 'on-access', 'scanner'];
const pairs = processes.flatMap((from) => processes.filter((to) => to !== from).map((to) => [from, to] as const));

describe('a process of the agent', () => {
  it.each(pairs)('%s imports nothing of %s', (from, to) => {
    const target = `../${to}/x.ts`;
    for (const text of [
      `import { x } from '${target}';`,
      `import type { X } from '${target}';`,
      `export * from '${target}';`,
      `export { x } from '${target}';`,
      `const x = await import('${target}');`,
      `const x: import('${target}').X = 1;`,
      `new Worker(new URL('${target}', import.meta.url));`,
      `new Worker(threadProgram('${to}/x'));`,
    ])
      expect(problems({ [`${agent}/${from}/planted.ts`]: text })).toHaveLength(1);
  });

  it.each(['kernel', 'ipc', 'fs', 'matching'])('is not imported by %s below it', (ground) => {
    for (const process of [...processes, 'commands'])
      expect(problems({ [`${agent}/${ground}/x.ts`]: `import '../${process}/x.ts';` })).toHaveLength(1);
  });

  it('is loaded by main.ts only when it is to run', () => {
    expect(problems({ [`${agent}/main.ts`]: `import './link/run.ts';` })).toHaveLength(1);
    expect(problems({ [`${agent}/main.ts`]: `await import('./link/run.ts');` })).toEqual([]);
    expect(problems({ [`${agent}/log.ts`]: `import './link/run.ts';` })).toHaveLength(1);
  });
});

const networkModules = ['tls', 'http', 'https', 'http2', 'dgram', 'dns', 'dns/promises', 'inspector'];

describe('the network', () => {
  it.each([...networkModules.flatMap((name) => [name, `node:${name}`]), 'ws', 'ws/lib/sender.js'])(
    '%s is for link only',
    (name) => {
      for (const folder of [
        'enforcer',
        'on-access',
        'scanner/sweep',
        'supervisor',
        'commands',
        'kernel',
        'ipc',
        'fs',
        'matching',
      ])
        for (const text of [`import '${name}';`, `export * from '${name}';`, `await import('${name}');`])
          expect(problems({ [`${agent}/${folder}/x.ts`]: text })).not.toEqual([]);
    },
  );

  it.each([...networkModules, 'ws'])('%s may be imported by link', (name) => {
    expect(problems({ [`${agent}/link/x.ts`]: `import '${name}';` })).toEqual([]);
  });

  it.each(['fetch("x")', 'globalThis.fetch("x")', 'new WebSocket("x")', 'new EventSource("x")'])(
    'is not reached by %s either',
    (text) => {
      expect(problems({ [`${agent}/enforcer/x.ts`]: text })).toHaveLength(1);
      expect(problems({ [`${agent}/link/x.ts`]: text })).toEqual([]);
    },
  );

  it.each(['net', 'node:net'])('by %s is for link, and for UNIX sockets in ipc', (name) => {
    expect(problems({ [`${agent}/scanner/x.ts`]: `import '${name}';` })).toHaveLength(1);
    expect(problems({ [`${agent}/ipc/x.ts`]: `import '${name}';` })).toEqual([]);
  });

  it.each(['require("tls")', 'createRequire(import.meta.url)', 'process.getBuiltinModule("tls")', 'import(name)'])(
    'cannot be loaded around an import: %s',
    (text) => {
      expect(problems({ [`${agent}/enforcer/x.ts`]: text })).not.toEqual([]);
    },
  );
});

describe('koffi', () => {
  it('is loaded in one file', () => {
    expect(problems({ [`${agent}/kernel/file-calls.ts`]: `import koffi from 'koffi';` })).toHaveLength(1);
    expect(problems({ [`${agent}/kernel/library.ts`]: `import koffi from 'koffi';` })).toEqual([]);
  });
});

describe('between packages', () => {
  it.each([
    ['protocol', '@cordon/sdk'],
    ['protocol', 'fastify'],
    ['sdk', '@cordon/cli'],
    ['cli', '@cordon/server'],
    ['agent', '@cordon/sdk'],
    ['agent', 'kysely'],
    ['console', '@cordon/sdk'],
    ['server', '@cordon/agent'],
    ['server', '../../agent/src/log.ts'],
  ])('%s imports no %s', (from, to) => {
    expect(problems({ [`packages/${from}/src/x.ts`]: `import '${to}';` })).toHaveLength(1);
  });

  it('the arrows that are drawn are free', () => {
    expect(problems({ 'packages/cli/src/x.ts': `import '@cordon/sdk'; import '@cordon/protocol/console';` })).toEqual(
      [],
    );
    expect(problems({ 'packages/server/src/x.ts': `import '@cordon/console/site'; import 'fastify';` })).toEqual([]);
  });
});

describe('a room of the server', () => {
  it.each(['routes.ts', 'act-routes.ts'])('reaches its queries by a use case, not from %s', (name) => {
    for (const queries of ['queries.ts', 'list-queries.ts'])
      expect(problems({ [`${server}/tasks/${name}`]: `import './${queries}';` })).toHaveLength(1);
  });

  it.each(['queries.ts', 'seen-queries.ts'])('keeps its %s to itself', (name) => {
    expect(problems({ [`${server}/tasks/tasks.ts`]: `export * from '../agents/${name}';` })).toHaveLength(1);
    expect(problems({ [`${server}/tasks/tasks.ts`]: `import './${name}';` })).toEqual([]);
  });

  it.each(['../http/server.ts', './routes.ts', './console-routes.ts'])('asks its database without %s', (target) => {
    expect(problems({ [`${server}/tasks/list-queries.ts`]: `import '${target}';` })).toHaveLength(1);
  });

  it.each(['database', 'http', 'secrets', 'access', 'events'])('stands on %s, which imports no room', (ground) => {
    expect(problems({ [`${server}/${ground}/x.ts`]: `import { A } from '../tasks/tasks.ts';` })).toHaveLength(1);
    expect(problems({ [`${server}/tasks/x.ts`]: `import '../${ground}/x.ts';` })).toEqual([]);
  });
});

describe('the types of a room', () => {
  const importType = `import type { A } from '../tasks/tasks.ts';`;

  it.each(['database', 'http', 'secrets', 'access'])('are unknown in %s', (ground) => {
    expect(problems({ [`${server}/${ground}/x.ts`]: importType })).toHaveLength(1);
  });

  it('are what an event may carry', () => {
    expect(problems({ [`${server}/events/events.ts`]: importType })).toEqual([]);
  });
});

describe('SQL', () => {
  it('is written in queries and in database/', () => {
    expect(problems({ [`${server}/tasks/tasks.ts`]: `import { sql } from 'kysely';` })).toHaveLength(1);
    expect(problems({ [`${server}/tasks/list-queries.ts`]: `import { sql } from 'kysely';` })).toEqual([]);
    expect(problems({ [`${server}/database/locks.ts`]: `import { sql } from 'kysely';` })).toEqual([]);
  });
});

describe('what runs in browsers', () => {
  it.each(['console/src/x.tsx', 'sdk/src/x.ts'])('%s imports nothing of Node', (path) => {
    expect(problems({ [`packages/${path}`]: `import 'node:fs';` })).toHaveLength(1);
    expect(problems({ 'packages/sdk/src/node/x.ts': `import 'node:fs';` })).toEqual([]);
  });
});

describe('a pure decider', () => {
  it.each(pureFiles)('%s exists', (path) => {
    expect(existsSync(new URL(path, root))).toBe(true);
  });

  it('reaches no database, network or disk, however far away', () => {
    const [decider = ''] = pureFiles;
    const folder = decider.slice(0, decider.lastIndexOf('/'));
    expect(problems({ [decider]: `import './a.ts';`, [`${folder}/a.ts`]: `import 'node:fs';` })).toHaveLength(1);
    expect(
      problems({ [decider]: `import type { A } from './a.ts';`, [`${folder}/a.ts`]: `import 'node:fs';` }),
    ).toEqual([]);
  });
});

describe('folders', () => {
  it('do not import each other in a circle', () => {
    const circle = {
      [`${server}/a/a.ts`]: `import '../b/b.ts';`,
      [`${server}/b/b.ts`]: `import '../c/c.ts';`,
      [`${server}/c/c.ts`]: `import '../a/a.ts';`,
    };
    expect(problems(circle)).toEqual([expect.stringContaining('circle')]);
    expect(problems({ ...circle, [`${server}/c/c.ts`]: '' })).toEqual([]);
  });

  it('may know each other by types, which load nothing', () => {
    expect(
      problems({
        [`${server}/a/a.ts`]: `import '../b/b.ts';`,
        [`${server}/b/b.ts`]: `import type { A } from '../a/a.ts';`,
      }),
    ).toEqual([]);
  });

  it('may import their own subfolders and be imported by them', () => {
    expect(
      problems({ [`${server}/a/a.ts`]: `import './b/b.ts';`, [`${server}/a/b/b.ts`]: `import '../a.ts';` }),
    ).toEqual([]);
  });
});

describe('the sources', () => {
  it('are all read', () => {
    expect(readSources(['packages']).filter(({ path }) => isPackageSource(path)).length).toBeGreaterThan(500);
  });
});

describe('a room', () => {
  const room = `${server}/tasks`;
  const dozen = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`${room}/file${index}.ts`, '']));

  it('has at most a dozen files; schemas, and shapes made from them, do not count', () => {
    expect(problems({ ...dozen, [`${room}/x.schema.ts`]: '', [`${room}/x.shape.ts`]: '' })).toEqual([]);
    expect(problems({ ...dozen, [`${room}/inner/x.ts`]: '' })).toEqual([]);
    expect(problems({ ...dozen, [`${room}/x.ts`]: '' })).toEqual(['a room with 13 files; split it at 12']);
  });

  it('has no file beside it that bears its name', () => {
    expect(problems({ [`${server}/tasks.ts`]: '', [`${room}/x.ts`]: '' })).toHaveLength(1);
    expect(problems({ [`${server}/tasks.tsx`]: '', [`${room}/inner/x.ts`]: '' })).toHaveLength(1);
    expect(problems({ [`${room}/tasks.ts`]: '', [`${room}/x.ts`]: '' })).toEqual([]);
  });
});

describe('a file', () => {
  it('has at most 300 lines, unless it is generated', () => {
    expect(problems({ [`${server}/tasks/x.ts`]: '\n'.repeat(300) })).toEqual([]);
    expect(problems({ [`${server}/tasks/x.ts`]: '\n'.repeat(301) })).toEqual(['a file of 301 lines; split it at 300']);
    expect(problems({ [`${server}/tasks/x.shape.ts`]: '\n'.repeat(301) })).toEqual([]);
  });
});
