/** Everything that must hold besides the tests: format, types, lint, import arrows, dead code, dependencies. */
import { spawnSync } from 'node:child_process';
import { checkDependencies } from './dependencies.ts';
import { holdFloorPlan } from './floor-plan.ts';

interface Check {
  readonly name: string;
  readonly run: () => boolean;
}

const checks: readonly Check[] = [
  { name: 'format', run: () => program('prettier', ['--check', '--log-level=warn', '.']) },
  { name: 'types', run: () => program('tsc', ['--build']) },
  { name: 'lint', run: () => program('oxlint', []) },
  { name: 'floor plan', run: holdFloorPlan },
  { name: 'dead code', run: () => program('knip', ['--no-progress']) },
  { name: 'dependency list', run: checkDependencies },
];

const failed = checks.filter((check) => {
  const holds = check.run();
  process.stdout.write(`${holds ? 'ok    ' : 'FAILED'} ${check.name}\n`);
  return !holds;
});
process.exitCode = failed.length === 0 ? 0 : 1;

function program(name: string, args: readonly string[]): boolean {
  const path = new URL(`../node_modules/.bin/${name}`, import.meta.url).pathname;
  return spawnSync(path, args, { stdio: 'inherit' }).status === 0;
}
