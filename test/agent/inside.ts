/** Enforces an isolation in the namespace it is started in, on commands as JSON lines: without an agent around it. */
import { execFileSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { systemCalls } from '../../packages/agent/src/kernel/calls.ts';
import { SystemCallError } from '../../packages/agent/src/kernel/library.ts';
import { NftablesIsolation } from '../../packages/agent/src/enforcer/isolation/nftables-isolation.ts';
import type { KernelState } from '../../packages/agent/src/enforcer/isolation/isolation-kernel.ts';
import { policyOf } from '../../packages/agent/src/enforcer/isolation/policy.ts';

/** Features that the kernel lacks, whether its netlink refuses every change, and whether another program flushes at a probe. */
const { refusing, flushing, ...atMost } = JSON.parse(process.argv[2] ?? '{}');
const found = systemCalls();
const notPermitted = 1;
const batchEnd = 0x11;
const calls: typeof found = {
  ...found,
  send: (socket, bytes) => {
    if (refusing === true && isRealChange(bytes)) throw new SystemCallError('sendto', notPermitted);
    found.send(socket, bytes);
  },
  sendTo: (...probe) => {
    if (flushing === true) execFileSync('nft', ['flush', 'ruleset']);
    return found.sendTo(...probe);
  },
};
const netfilter = new NftablesIsolation(calls, atMost);

function emit(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function emitState(state: KernelState): void {
  emit({ event: 'verified', proven: state.isolation !== 'unproven', ...state, problem: state.problem ?? null });
}

/** A rehearsal has no end mark, and a dump no batch at all. */
function isRealChange(bytes: Buffer): boolean {
  return bytes.length > 20 && bytes.readUInt16LE(bytes.length - 16) === batchEnd;
}

function obey(command: { do: string } & Parameters<typeof policyOf>[0]): void {
  const policy = policyOf(command);
  try {
    switch (command.do) {
      case 'apply': {
        const before = performance.now();
        netfilter.apply(policy);
        return emit({ event: 'applied', took: performance.now() - before, at: Date.now() });
      }
      case 'prepare':
        netfilter.prepare(policy);
        return emit({ event: 'prepared' });
      case 'object': {
        const message = policy.isolation === 'isolated' ? netfilter.objection(policy) : undefined;
        return emit({ event: 'objected', message: message ?? null });
      }
      case 'keep':
        return keep(command);
      default:
        return emitState(netfilter.verify(policy));
    }
  } catch (error) {
    return emit({ event: 'failed', message: String(error) });
  }
}

/** Restores at once whatever differs, as the enforcer does. */
function keep(command: Parameters<typeof policyOf>[0]): void {
  const policy = policyOf(command);
  netfilter.watch(() => {
    const seen = netfilter.verify(policy);
    if (seen.isolation !== 'unproven') return;
    netfilter.apply(policy);
    emit({ event: 'put back', tampered: seen.tampered, problem: seen.problem, ns: String(process.hrtime.bigint()) });
  });
  emit({ event: 'keeping' });
}

createInterface({ input: process.stdin })
  .on('line', (line) => obey(JSON.parse(line)))
  .on('close', () => process.exit(0));
emit({ event: 'ready', features: netfilter.features });
