/** Claim: a watched file opens within tens of microseconds, and then as fast as an unwatched one. */
import type { Claim, Row } from '../harness/claim.ts';
import { runInNamespaces, whyNoMeasurement } from '../harness/in-namespaces.ts';
import { missingHere } from '../harness/missing-programs.ts';
import { short, summaryOf, times } from '../harness/numbers.ts';
import type { OnAccessPlan, OnAccessResult } from './inside.ts';

const timeoutMs = 900_000;
const listed = 20_001;

export const onAccess: Claim = {
  name: 'on-access',
  title: 'open() of a watched file',
  unable: whyNoMeasurement,
  measure: async (say) => {
    const plan: OnAccessPlan = {
      rounds: 5,
      small: 4000,
      large: 1000,
      runs: 100,
      listed,
      missing: await missingHere('clamonacc', 'fapolicyd'),
    };
    const program = new URL('inside.ts', import.meta.url);
    return rowsOf(await runInNamespaces<OnAccessResult>({ program, plan, timeoutMs, say }));
  },
};

/** What is compared with what. */
const lines: readonly { what: string; of: string; beside: readonly string[]; aim: string }[] = [
  {
    what: '4 KiB, first time, read and hashed',
    of: 'cordon, 4 KiB first',
    beside: ['none, 4 KiB', 'clamonacc, 4 KiB first', 'fapolicyd, 4 KiB first'],
    aim: 'p50 ≤ 60 µs',
  },
  {
    what: '4 KiB, first time, every listed size known',
    of: 'cordon, 4 KiB sized first',
    beside: ['none, 4 KiB', 'clamonacc, 4 KiB first', 'fapolicyd, 4 KiB first'],
    aim: 'p50 ≤ 60 µs',
  },
  {
    what: '4 KiB, again, only root may write to it',
    of: 'cordon, 4 KiB ignored',
    beside: ['none, 4 KiB', 'clamonacc, 4 KiB again', 'fapolicyd, 4 KiB again'],
    aim: '≤ 1.2× of no monitor',
  },
  {
    what: '4 KiB, again, a user may write to it',
    of: 'cordon, 4 KiB cached',
    beside: ['none, 4 KiB', 'clamonacc, 4 KiB again', 'fapolicyd, 4 KiB again'],
    aim: 'none',
  },
  {
    what: '256 KiB, first time, read and hashed',
    of: 'cordon, 256 KiB first',
    beside: ['none, 256 KiB', 'clamonacc, 256 KiB first', 'fapolicyd, 256 KiB first'],
    aim: 'none',
  },
  {
    what: 'running a small program, spawn to end',
    of: 'cordon, run',
    beside: ['none, run', 'clamonacc, run', 'fapolicyd, run'],
    aim: 'none',
  },
];

function rowsOf({ samples, missing }: OnAccessResult): Row[] {
  return lines.map(({ what, of, beside, aim }) => {
    const own = summaryOf(samples[of] ?? []);
    const others = beside.map((name) => ({ name: name.split(',')[0] ?? '', summary: summaryOf(samples[name] ?? []) }));
    return {
      what: `${onAccess.title}: ${what} (n ${own.count}): p50 / p99`,
      measured: microseconds(own),
      baseline: others
        .map(
          ({ name, summary }) =>
            `${name} ${summary.count === 0 ? `not here: ${missing[name]}` : microseconds(summary)}`,
        )
        .join('; '),
      ratio: others
        .filter(({ summary }) => summary.count > 0)
        .map(({ name, summary }) => `${times(own.p50 / summary.p50)} of ${name}`)
        .join(', '),
      aim,
    };
  });
}

function microseconds({ p50, p99 }: { p50: number; p99: number }): string {
  return `${short(p50)} / ${short(p99)} µs`;
}
