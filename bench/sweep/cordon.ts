/**
 * One sweep by the agent's own code, as its scanner process runs it: `cordon.ts <agent> <rules.json> <tree> <digests>`.
 * The agent is compiled, as on endpoints. Prints the number of files, the number of matches, and the time. Without a
 * digests file it remembers nothing.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Files from '../../packages/agent/src/kernel/file-calls.ts';
import type * as Index from '../../packages/agent/src/matching/rule-index.ts';
import type { FileRule } from '../../packages/agent/src/ipc/worker-messages.ts';
import type * as Remembered from '../../packages/agent/src/scanner/sweep/digest-file.ts';
import type * as Sweep from '../../packages/agent/src/scanner/sweep/sweep.ts';

const [, , agent = '', rulesFile = '', tree = '', digestsFile] = process.argv;
const built = (file: string): string => pathToFileURL(join(agent, 'dist', file)).href;
const { fileCalls }: typeof Files = await import(built('kernel/file-calls.js'));
const { packRules }: typeof Index = await import(built('matching/rule-index.js'));
const { DigestFile }: typeof Remembered = await import(built('scanner/sweep/digest-file.js'));
const { sweep }: typeof Sweep = await import(built('scanner/sweep/sweep.js'));

const rules: FileRule[] = JSON.parse(readFileSync(rulesFile, 'utf8'));
const calls = fileCalls();
let found = 0;
const from = performance.now();
const before = process.cpuUsage();
const { files, bytes, unreadable } = await sweep({
  roots: [tree],
  rules: packRules(rules, Date.now()),
  digests: digestsFile === undefined ? undefined : new DigestFile(digestsFile),
  calls,
  megabytesPerSecond: 0,
  leaveOut: [],
  signal: new AbortController().signal,
  from: undefined,
  onHit: () => void (found += 1),
});
const took = performance.now() - from;
const { user, system } = process.cpuUsage(before);
const cpu = (user + system) / 1000;
process.stdout.write(`${JSON.stringify({ files, bytes, unreadable, found, took, cpu })}\n`);
