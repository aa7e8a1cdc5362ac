/** Claim: a listed file cannot be opened on any endpoint within milliseconds. */
import type { Claim, Row } from '../harness/claim.ts';
import { runInNamespaces, whyNoMeasurement } from '../harness/in-namespaces.ts';
import { spread, summaryOf, times } from '../harness/numbers.ts';
import type { Puts, PutPlan } from './inside.ts';

const timeoutMs = 600_000;
const plan: PutPlan = { rounds: 100, endpoints: 3, played: 97 };

export const putToEperm: Claim = {
  name: 'put-to-eperm',
  title: 'PUT FileUDSO → EPERM',
  unable: () => whyNoMeasurement('mkfs.ext4'),
  measure: async (say) => {
    const program = new URL('inside.ts', import.meta.url);
    return rowsOf(await runInNamespaces<Puts>({ program, plan, timeoutMs, say }));
  },
};

function rowsOf({ answered, refused, played }: Puts): Row[] {
  const answer = summaryOf(answered);
  const baseline = `the PUT's own answer, after the commit: ${spread(answer)}`;
  const row = (what: string, samples: readonly number[]): Row => {
    const own = summaryOf(samples);
    return {
      what: `${putToEperm.title} ${what} (n ${own.count}): p50 / p99 / max`,
      measured: spread(own),
      baseline,
      ratio: `p50 ${times(own.p50 / answer.p50)} of the bare answer`,
      aim: 'none',
    };
  };
  const last = played.map((one, index) => Math.max(one, ...(refused[index] ?? [])));
  const real = ['first', 'second', 'third'].map((which, index) =>
    row(
      `on the ${which} endpoint of ${plan.endpoints} real ones`,
      refused.map((one) => one[index] ?? NaN),
    ),
  );
  return [...real, row(`on the hundredth (${plan.endpoints} real, ${plan.played} played)`, last)];
}
