/** The command that diagnoses a connection. Each check says what it found and what to do. */
import type { Command, Invocation } from '../../command/command.ts';
import { connectionOf } from '../../connection/connection.ts';
import { exitCodes } from '../../command/failure.ts';
import type { ExitCode } from '../../command/failure.ts';
import { printable } from '../../text/text.ts';
import type { Output } from '../../world/world.ts';
import { checks } from './checks.ts';
import type { CheckResult } from './checks.ts';

export const commands: readonly Command[] = [
  {
    name: 'doctor',
    summary: 'Check name, port, TLS, clock, key and permissions of a connection, and suggest fixes.',
    example: 'cordon doctor',
    run: doctor,
  },
];

async function doctor(call: Invocation): Promise<ExitCode> {
  const connection = await connectionOf(call);
  const results: (CheckResult & { readonly check: string })[] = [];
  for (const { check, run } of checks) {
    const result = await run({ connection, world: call.world });
    results.push({ check, ...result });
    call.say(lineOf(check, result, call.world.out));
    // Later checks would fail for the same reason, and hide which one it is.
    if (result.state === 'broken') break;
  }
  const count = (state: CheckResult['state']): number => results.filter((one) => one.state === state).length;
  const [broken, odd, skipped] = [count('broken'), count('odd'), count('skipped')];
  const remarks = [odd === 0 ? '' : `; ${odd} to look at`, skipped === 0 ? '' : `; ${skipped} skipped`].join('');
  const end = remarks === '' ? 'All checks passed' : `No check failed${remarks}`;
  call.print(results, broken > 0 ? '' : `\n${end}.\n`);
  return broken > 0 ? exitCodes.failed : exitCodes.done;
}

const signs = { good: ['ok', '32'], odd: ['look', '33'], broken: ['BROKEN', '31'], skipped: ['skipped', '2'] } as const;

function lineOf(check: string, { state, saw, hint }: CheckResult, { color }: Output): string {
  const [word, paint] = signs[state];
  const sign = word.padEnd(7);
  const painted = color ? `\u001b[${paint}m${sign}\u001b[0m` : sign;
  const next = hint === '' ? '' : `${' '.repeat(17)}${printable(hint)}\n`;
  return `${painted}  ${check.padEnd(6)}  ${printable(saw)}\n${next}`;
}
