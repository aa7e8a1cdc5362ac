/** Claim: guard, audit and proof take little of an isolation's time. */
import { whyNoNamespaces } from '../../quickstart/network.ts';
import type { Claim } from '../harness/claim.ts';
import { measureCuts } from '../isolate/claim.ts';
import { spread, summaryOf, times } from '../harness/numbers.ts';

const rounds = 100;
const passes = 2;

export const overhead: Claim = {
  name: 'overhead',
  title: 'What guard, audit and proof add to an isolation',
  unable: whyNoNamespaces,
  measure: async (say) => {
    const [full, bare] = [
      { sent: [] as number[], seen: [] as number[] },
      { sent: [] as number[], seen: [] as number[] },
    ];
    for (let pass = 1; pass <= passes; pass += 1) {
      say(
        `pass ${pass} of ${passes}: ${rounds} isolations with everything on, ${rounds} without guard, audit and proof`,
      );
      for (const [into, isSafetyOff] of [
        [full, false],
        [bare, true],
      ] as const) {
        const cuts = await measureCuts({ rounds, hasNft: false, isSafetyOff });
        into.sent.push(...cuts.lastSent);
        into.seen.push(...cuts.isolatedInApi);
      }
    }
    return [
      rowOf('POST isolate → last packet, guard, audit and proof on', full.sent, bare.sent),
      rowOf('POST isolate → `isolated` in the API, guard, audit and proof on', full.seen, bare.seen),
    ];
  },
};

function rowOf(
  what: string,
  full: readonly number[],
  bare: readonly number[],
): Awaited<ReturnType<Claim['measure']>>[number] {
  const [on, off] = [summaryOf(full), summaryOf(bare)];
  return {
    what: `${what} (n ${on.count}): p50 / p99 / max`,
    measured: spread(on),
    baseline: `the same call without them: ${spread(off)}`,
    ratio: `p50 ${times(on.p50 / off.p50)}, p99 ${times(on.p99 / off.p99)}`,
    aim: 'none',
  };
}
