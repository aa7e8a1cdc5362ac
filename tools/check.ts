/** Everything that must hold besides the tests: format, types, lint, floor plan, words, names, dead code, dependencies. */
import { spawnSync } from 'node:child_process';
import { checkDependencies } from './dependencies.ts';
import { holdFloorPlan } from './floor-plan.ts';
import { holdNames } from './names.ts';
import { holdShapes } from './shapes.ts';
import { holdWords } from './words.ts';

interface Check {
  readonly name: string;
  readonly run: () => boolean | Promise<boolean>;
}

const checks: readonly Check[] = [
  { name: 'format', run: () => program('prettier', ['--check', '--log-level=warn', '.']) },
  { name: 'types', run: () => program('tsc', ['--build']) },
  { name: 'lint', run: () => program('oxlint', []) },
  { name: 'floor plan', run: holdFloorPlan },
  { name: 'words', run: holdWords },
  { name: 'names', run: holdNames },
  { name: 'dead code', run: () => program('knip', ['--no-progress']) },
  { name: 'dependency list', run: checkDependencies },
  { name: 'generated shapes', run: holdShapes },
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
