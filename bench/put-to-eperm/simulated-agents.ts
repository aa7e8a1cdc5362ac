/**
 * Simulates many agents in one process: `simulated-agents.ts <plan>`, with the plan as JSON.
 *
 * Each has a channel over TLS, fetches changes, verifies the signed page and reports it. None has a kernel.
 */
import { createPublicKey } from 'node:crypto';
import { openDocument, readEnrolmentToken } from '@cordon/protocol/channel';
import type { TestServer } from '../../test/harness/server.ts';
import { FakeAgent, factsOf } from '../../test/server/fake-agent.ts';

export interface SimulatedAgentsPlan {
  readonly url: string;
  readonly fingerprint: string;
  readonly token: string;
  readonly count: number;
}

/** When the last of them had it, from process.hrtime; or that all are connected. */
export type SimulatedAgentsMessage =
  { readonly revision: number; readonly at: string } | { readonly connected: number };

process.on('disconnect', () => process.exit(0));

const simulatedAgents: SimulatedAgentsPlan = JSON.parse(process.argv[2] ?? '{}');
const der = Buffer.from(readEnrolmentToken(simulatedAgents.token).signingKey, 'base64');
const signingKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
const holders = new Map<number, number>();

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it lives in another process; this is all that a simulated agent needs from it
const server = { url: simulatedAgents.url, fingerprint: simulatedAgents.fingerprint } as TestServer;
const agents: FakeAgent[] = [];
for (let number = 0; number < simulatedAgents.count; number += 1) {
  const agent = await FakeAgent.enrol(server, simulatedAgents.token, factsOf(`played-${number}`));
  await agent.connect(server);
  agents.push(agent);
}
process.send?.({ connected: agents.length } satisfies SimulatedAgentsMessage);
await Promise.all(agents.map(follow));

async function follow(agent: FakeAgent): Promise<never> {
  const { channel } = agent;
  for (;;) {
    const { revision } = await channel.next('objects-changed');
    if (revision <= agent.objectsRevision) continue;
    channel.sendText(JSON.stringify({ frame: 'objects-after', revision: agent.objectsRevision }));
    const { page } = await channel.next('objects');
    agent.objectsRevision = openDocument('objects', page, signingKey).revision;
    holds(agent.objectsRevision);
    channel.report(agent, {});
  }
}

function holds(revision: number): void {
  const count = (holders.get(revision) ?? 0) + 1;
  holders.set(revision, count);
  if (count < simulatedAgents.count) return;
  holders.delete(revision);
  process.send?.({ revision, at: String(process.hrtime.bigint()) } satisfies SimulatedAgentsMessage);
}
