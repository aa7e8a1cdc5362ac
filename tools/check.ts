/** Everything that must hold besides the tests: format, lint and import arrows, types, dead code, dependencies. */
import { spawnSync } from 'node:child_process';
import { checkDependencies } from './dependencies.ts';
import { checkShapes } from './shapes.ts';

interface Check {
  readonly name: string;
  readonly run: () => boolean | Promise<boolean>;
}

const checks: readonly Check[] = [
  { name: 'format', run: () => program('prettier', ['--check', '--log-level=warn', '.']) },
  { name: 'types', run: () => program('tsc', ['--build']) },
  { name: 'lint and import arrows', run: () => program('oxlint', []) },
  { name: 'dead code', run: () => program('knip', ['--no-progress']) },
  { name: 'dependency list', run: checkDependencies },
  { name: 'generated shapes', run: checkShapes },
];

let failed = false;
for (const { name, run } of checks) {
  const holds = await run();
  process.stdout.write(`${holds ? 'ok    ' : 'FAILED'} ${name}\n`);
  failed ||= !holds;
}
process.exitCode = failed ? 1 : 0;

function program(name: string, args: readonly string[]): boolean {
  const path = new URL(`../node_modules/.bin/${name}`, import.meta.url).pathname;
  return spawnSync(path, args, { stdio: 'inherit' }).status === 0;
}
