/**
 * One sweep by the agent's own code, as its files process runs it: `cordon.ts <rules.json> <tree> <digests>`. Prints
 * how many files there were and how many were found. Without a digests file it remembers nothing.
 */
import { readFileSync } from 'node:fs';
import { fileCalls } from '../../packages/agent/src/kernel/files.ts';
import { packRules } from '../../packages/agent/src/matching/rule-index.ts';
import type { FileRule } from '../../packages/agent/src/pipe/parts.ts';
import { Digests } from '../../packages/agent/src/sweep/digests.ts';
import { sweep } from '../../packages/agent/src/sweep/sweep.ts';

const [, , rulesFile = '', tree = '', digestsFile] = process.argv;
const rules: FileRule[] = JSON.parse(readFileSync(rulesFile, 'utf8'));
const calls = fileCalls();
let found = 0;
const from = performance.now();
const { files, bytes, unreadable } = await sweep({
  roots: [tree],
  rules: packRules(rules, Date.now()),
  digests: digestsFile === undefined ? undefined : new Digests(digestsFile),
  calls: calls instanceof Error ? undefined : calls,
  megabytesPerSecond: 0,
  leaveOut: [],
  signal: new AbortController().signal,
  from: undefined,
  found: () => void (found += 1),
});
const took = performance.now() - from;
process.stdout.write(`${JSON.stringify({ files, bytes, unreadable, found, took })}\n`);
