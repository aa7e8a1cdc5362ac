/** Claim: an isolation requested over the API takes effect on the wire within milliseconds. */
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { whyNoNamespaces } from '../../quickstart/network.ts';
import type { Claim, Row } from '../harness/claim.ts';
import type { Cuts } from './inside.ts';
import { short, spread, summaryOf, times } from '../harness/numbers.ts';

const run = promisify(execFile);
const rounds = 200;
const timeoutMs = 240_000;

export const isolate: Claim = {
  name: 'isolate',
  title: 'POST isolate → last packet on the wire, under flood',
  unable: whyNoNamespaces,
  measure: async (say) => {
    const hasNft = await run('nft', ['--version']).then(
      () => true,
      () => false,
    );
    if (!hasNft) say('the program "nft" is missing (Debian: apt-get install nftables): no baseline');
    say(`${rounds} isolations, each beside one by a spawned nft`);
    return rowsOf(await measureCuts({ rounds, hasNft, isSafetyOff: false }));
  },
};

/** Runs in network namespaces that vanish with the process. */
export async function measureCuts(how: { rounds: number; hasNft: boolean; isSafetyOff: boolean }): Promise<Cuts> {
  const program = new URL('inside.ts', import.meta.url).pathname;
  const child = fork(
    program,
    [String(how.rounds), how.hasNft ? 'nft' : 'no-nft', how.isSafetyOff ? 'safety-off' : 'full'],
    {
      execPath: 'unshare',
      execArgv: ['--net', process.execPath],
      timeout: timeoutMs,
    },
  );
  const [message]: unknown[] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  if (typeof message !== 'object' || message === null) throw new Error(`${program} ended with ${String(message)}.`);
  child.disconnect();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own program sends nothing else
  return message as Cuts;
}

function rowsOf(cuts: Cuts): Row[] {
  const [sent, nft] = [summaryOf(cuts.lastSent), summaryOf(cuts.nftLastSent)];
  const [seen, reported] = [summaryOf(cuts.isolatedInApi), summaryOf(cuts.answered)];
  const none = cuts.nftLastSent.length === 0;
  const flood = `${short(cuts.floodPerSecond)} packets/s`;
  return [
    {
      what: `${isolate.title} (${flood}; durable write, TLS; n ${sent.count}): p50 / p99 / max`,
      measured: spread(sent),
      baseline: none ? 'nft is not installed' : `\`nft -f -\` spawned on the endpoint, no API: ${spread(nft)}`,
      ratio: none ? '' : `${times(sent.p50 / nft.p50)} of nft's p50, ${times(sent.p99 / nft.p99)} of its p99`,
      aim: 'p50 < 8 ms, p99 < 40 ms',
    },
    {
      what: `POST isolate → \`isolated\` seen in the API, proof stored (n ${seen.count}): p50 / p99 / max`,
      measured: spread(seen),
      baseline: `the POST's own answer, after the commit: ${spread(reported)}`,
      ratio: `p50 ${times(seen.p50 / reported.p50)} of the answer alone`,
      aim: 'none',
    },
  ];
}
