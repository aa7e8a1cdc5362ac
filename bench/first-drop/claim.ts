/** Claim: the kernel refuses its first packet about a millisecond after the agent's call, far sooner than with nft. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { whyNoNamespaces } from '../../quickstart/network.ts';
import type { Claim } from '../harness/claim.ts';
import type { Drops } from './inside.ts';
import { spread, summaryOf, times } from '../harness/numbers.ts';

const run = promisify(execFile);
const rounds = 100;
const timeoutMs = 120_000;

export const firstDrop: Claim = {
  name: 'first-drop',
  title: 'netlink batch: call → first refused packet',
  unable: whyNoNamespaces,
  measure: async (say) => {
    const nft = await run('nft', ['--version']).then(
      () => 'nft',
      () => 'no-nft',
    );
    if (nft === 'no-nft') say('the program "nft" is missing (Debian: apt-get install nftables): no baseline');
    say(`${rounds} rounds, both ways in random order`);
    const program = new URL('inside.ts', import.meta.url).pathname;
    const command = ['--net', process.execPath, program, String(rounds), nft];
    const { stdout } = await run('unshare', command, { timeout: timeoutMs });
    const drops: Drops = JSON.parse(stdout);
    const [netlink, spawned] = [summaryOf(drops.netlink), summaryOf(drops.nft)];
    const none = drops.nft.length === 0;
    return [
      {
        what: `${firstDrop.title} (n ${netlink.count}): p50 / p99 / max`,
        measured: spread(netlink),
        baseline: none ? 'nft is not installed' : `\`nft -f -\` spawned with the same rules: ${spread(spawned)}`,
        ratio: none ? '' : `p50 ${times(spawned.p50 / netlink.p50)} faster`,
        aim: 'p50 < 1.5 ms, ≥ 5× faster',
      },
      {
        what: 'reading the rules back and probing them (the proof): p50 / p99 / max',
        measured: spread(summaryOf(drops.verify)),
        baseline: `the netlink call itself, acknowledged: ${spread(summaryOf(drops.call))}`,
        ratio: `${times(summaryOf(drops.verify).p50 / summaryOf(drops.call).p50)} of the call`,
        aim: 'none',
      },
    ];
  },
};
