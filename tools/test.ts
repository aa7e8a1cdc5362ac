/** Runs the tests: `npm test`, or `npm test -- packages/agent` for a part of them. */
import { spawnSync } from 'node:child_process';

const vitest = new URL('../node_modules/vitest/vitest.mjs', import.meta.url).pathname;
const { status, signal } = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = signal === null ? (status ?? 1) : 1;
