/** The long matrix, `npm run test:machines`: one machine after the other, and what was seen goes to docs/tested-on.md. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Emulated, a machine takes minutes for what takes seconds. */
const hourMs = 3_600_000;

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/machines/virtual/*.matrix.ts'],
    reporters: ['default', './test/machines/virtual/tested-on.ts', './test/harness/summary-line.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: hourMs,
    hookTimeout: hourMs,
  },
});
