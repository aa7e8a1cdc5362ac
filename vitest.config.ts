/** How the tests run: all of them in one go, from source, three files at a time. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/harness/longest-first.ts';

// Tests start hundreds of servers, agents and commands; each would strip and compile the same sources again.
const compileCache = fileURLToPath(new URL('node_modules/.cache/cordon-tests', import.meta.url));

const pure = ['protocol', 'sdk', 'cli', 'console'].map((name) => `packages/${name}/src/**/*.test.ts`);

export default defineConfig({
  test: {
    projects: [
      // These packages use nothing of the machine, so their tests leave nothing behind: many files share a process.
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
      {
        extends: true,
        test: { name: 'whole', include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'], exclude: pure },
      },
    ],
    globalSetup: ['test/harness/postgres-cluster.ts', 'test/harness/console-site.ts'],
    reporters: ['default', './test/harness/summary-line.ts'],
    // An agent that runs in a test sees this machine's own filesystems. It watches only a mount that a test names.
    env: { CORDON_AGENT_ON_ACCESS_ONLY: '/nowhere', NODE_COMPILE_CACHE: compileCache },
    pool: 'forks',
    // One more than the processors of CI: most tests wait for other programs for a third of their time.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // Only hangs take this long. On a busy machine a test of two seconds takes twenty.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
