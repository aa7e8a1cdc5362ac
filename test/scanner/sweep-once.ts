/** Sweeps one folder for content that is not there, and prints the counts: `sweep-once.ts <folder>`. */
import { packRules } from '../../packages/agent/src/matching/rule-index.ts';
import { sweep } from '../../packages/agent/src/scanner/sweep/sweep.ts';

const [folder = ''] = process.argv.slice(2);
const rule = {
  type: 'file_sha1',
  sha1: '0'.repeat(40),
  size: null,
  action: 'log',
  expiresAt: null,
  confirmed: false,
} as const;
const swept = await sweep({
  roots: [folder],
  rules: packRules([rule], Date.now()),
  digests: undefined,
  calls: undefined,
  megabytesPerSecond: 0,
  leaveOut: [],
  signal: new AbortController().signal,
  from: undefined,
  onHit: () => undefined,
});
process.stdout.write(JSON.stringify(swept));
process.exit(0);
