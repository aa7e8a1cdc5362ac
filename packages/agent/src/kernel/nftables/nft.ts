/** Gives a ruleset to nft(8): the fallback when our own netlink batch is refused. */
import { spawnSync } from 'node:child_process';

/** nft takes 10 to 40 ms; one that is slower than this hangs. */
const timeoutMs = 5000;

export function runNft(ruleset: string): void {
  const { error, status, stderr } = spawnSync('nft', ['-f', '-'], { input: ruleset, timeout: timeoutMs });
  if (error) throw new Error(`nft -f - could not be run: ${error.message}`);
  if (status === 0) return;
  const [first = ''] = stderr.toString('utf8').split('\n');
  throw new Error(`nft -f - ended with ${status ?? 'a signal'}: ${first.slice(0, 200)}`);
}
