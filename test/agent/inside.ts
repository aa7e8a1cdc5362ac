/** Holds an isolation inside the namespace it is started in, and obeys JSON lines: the enforcement, without an agent around it. */
import { createInterface } from 'node:readline';
import { systemCalls } from '../../packages/agent/src/kernel/calls.ts';
import { Netfilter } from '../../packages/agent/src/isolation/netfilter.ts';
import { policyOf } from '../../packages/agent/src/isolation/policy.ts';
import type { Policy } from '../../packages/agent/src/isolation/policy.ts';

const calls = systemCalls();
if (calls instanceof Error) throw calls;
const netfilter = new Netfilter(calls, JSON.parse(process.argv[2] ?? '{}'));

function tell(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function obey(command: {
  do: string;
  isolation: Policy['isolation'];
  gateways: { address: string; port: number }[];
}): void {
  const policy = policyOf(command);
  try {
    if (command.do === 'apply') {
      const before = performance.now();
      netfilter.apply(policy);
      return tell({ event: 'applied', took: performance.now() - before, at: Date.now() });
    }
    return tell({ event: 'verified', ...netfilter.verify(policy) });
  } catch (error) {
    return tell({ event: 'failed', sentence: String(error) });
  }
}

createInterface({ input: process.stdin })
  .on('line', (line) => obey(JSON.parse(line)))
  .on('close', () => process.exit(0));
tell({ event: 'ready', features: netfilter.features });
