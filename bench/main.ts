/**
 * Measures the claims of docs/performance.md and prints its table: `npm run bench`, or `npm run bench -- <name>…`.
 *
 * Progress goes to standard error, the table to standard output. Every measurement has a time limit, and removes what it
 * created.
 */
import { agentMemory } from './agent-memory/claim.ts';
import type { Claim, Row } from './harness/claim.ts';
import { cli } from './cli/claim.ts';
import { consoleClaim } from './console/claim.ts';
import { conditions } from './harness/conditions.ts';
import { firstDrop } from './first-drop/claim.ts';
import { get } from './get/claim.ts';
import { isolate } from './isolate/claim.ts';
import { list } from './list/claim.ts';
import { onAccess } from './on-access/claim.ts';
import { overhead } from './overhead/claim.ts';
import { putToEperm } from './put-to-eperm/claim.ts';
import { sweepTree } from './sweep/claim.ts';
import { tenThousand } from './ten-thousand/claim.ts';
import { upload } from './upload/claim.ts';

const claims: readonly Claim[] = [
  isolate,
  overhead,
  firstDrop,
  putToEperm,
  onAccess,
  sweepTree,
  agentMemory,
  get,
  upload,
  list,
  consoleClaim,
  cli,
  tenThousand,
];

process.exitCode = await main(process.argv.slice(2));

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => claims.every((claim) => claim.name !== name));
  if (unknown !== undefined) {
    process.stderr.write(
      `There is no measurement "${unknown}". There are: ${claims.map((claim) => claim.name).join(', ')}.\n`,
    );
    return 2;
  }
  const chosen = claims.filter((claim) => names.length === 0 || names.includes(claim.name));
  process.stdout.write(`${conditions().join('\n')}\n\n`);
  let failures = 0;
  process.stdout.write('| what | measured | baseline, same run | compared | aim |\n|---|---|---|---|---|\n');
  for (const claim of chosen) if (!(await measured(claim))) failures += 1;
  return failures === 0 ? 0 : 1;
}

async function measured(claim: Claim): Promise<boolean> {
  const unable = await claim.unable?.();
  if (unable !== undefined) {
    process.stdout.write(
      line({ what: claim.title, measured: `not here: ${unable}`, baseline: '', ratio: '', aim: '' }),
    );
    return true;
  }
  try {
    process.stderr.write(`${claim.name}: ${claim.title}\n`);
    const rows = await claim.measure((text) => process.stderr.write(`  ${text}\n`));
    for (const row of rows) process.stdout.write(line(row));
    return true;
  } catch (error) {
    process.stderr.write(`${claim.name} failed: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.stdout.write(line({ what: claim.title, measured: 'failed', baseline: '', ratio: '', aim: '' }));
    return false;
  }
}

function line(row: Row): string {
  return `| ${[row.what, row.measured, row.baseline, row.ratio, row.aim].join(' | ')} |\n`;
}
