/**
 * Measures isolations inside a network namespace that acts as a switch: the server in it, an endpoint with a real agent on
 * one cable, its neighbour on another.
 *
 * `inside.ts <rounds> <nft|no-nft> <full|safety-off>` sends one `Cuts` to its parent.
 */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@cordon/sdk';
import { Namespace } from '../../test/harness/network-namespace.ts';
import { agentProgram, temporaryFolder } from '../../test/agent/paths.ts';
import type { JsonProcess } from '../../test/harness/json-process.ts';
import { startServer } from '../../test/harness/server.ts';
import type { TestServer } from '../../test/harness/server.ts';

/** Milliseconds, from just before the call. */
export interface Cuts {
  readonly lastSent: number[];
  readonly answered: number[];
  readonly isolatedInApi: number[];
  readonly nftLastSent: number[];
  readonly floodPerSecond: number;
}

const gateway = '10.9.0.1:8443';
const [endpointAddress, neighbourAddress] = ['10.9.0.2', '10.9.0.3'];
/** Packets in flight when the isolation applies arrive within this time. */
const settleMs = 40;
const pollIntervalMs = 1;
const maxPolls = 5000;

/** Removes guard, audit and proof, to measure what they cost. */
const without = new URL('../overhead/safety-off.ts', import.meta.url).href;
const taken = process.argv[4] === 'safety-off' ? { NODE_OPTIONS: `--import=${without}` } : {};

interface Place {
  readonly client: Client;
  readonly host: string;
  readonly receiver: JsonProcess;
  readonly nftBaseline: JsonProcess | undefined;
}

process.on('disconnect', () => process.exit(0));
await main(Number(process.argv[2] ?? 10), process.argv[3] === 'nft');

async function main(rounds: number, hasNft: boolean): Promise<void> {
  const folder = temporaryFolder();
  const [endpoint, neighbour] = await Promise.all([Namespace.make(), Namespace.make()]);
  connect(endpoint, neighbour);
  const server = await startServer({
    environment: { CORDON_GATEWAY_LISTEN: gateway, CORDON_ADVERTISE: gateway, ...taken },
  });
  const agent = await startAgent(server, endpoint, folder.path);
  try {
    const receiver = neighbour.start(process.execPath, [beside('datagram-receiver.ts')]);
    await receiver.next({ event: 'listening' });
    endpoint.start(process.execPath, [beside('datagram-sender.ts'), neighbourAddress]);
    const { client } = await server.client();
    const place: Place = { client, receiver, host: 'endpoint', nftBaseline: undefined };
    await isolated(place, 'isolated');
    const ruleset = hasNft ? endpoint.run('nft', '-s', 'list', 'ruleset') : '';
    await restored(place);
    const nftBaseline = hasNft ? endpoint.start(process.execPath, [beside('nft-baseline.ts'), ruleset]) : undefined;
    process.send?.(await measure({ ...place, nftBaseline }, rounds));
  } finally {
    agent.child.stdin?.end();
    await agent.exited;
    await server.stop();
    for (const one of [endpoint, neighbour]) one.close();
    folder.remove();
  }
}

async function measure(place: Place, rounds: number): Promise<Cuts> {
  const cuts = { lastSent: [], answered: [], isolatedInApi: [], nftLastSent: [] } satisfies Partial<Cuts> as {
    [K in 'lastSent' | 'answered' | 'isolatedInApi' | 'nftLastSent']: number[];
  };
  const floodPerSecond = await rateOf(place.receiver);
  for (let round = 0; round < rounds; round += 1) {
    await flowing(place.receiver);
    const from = process.hrtime.bigint();
    const times = await isolated(place, 'isolated');
    cuts.answered.push(times.answered);
    cuts.isolatedInApi.push(times.seen);
    cuts.lastSent.push(await lastSent(place.receiver, from));
    await restored(place);
    if (place.nftBaseline === undefined) continue;
    await flowing(place.receiver);
    const cut = await place.nftBaseline.request({ do: 'cut' }, { event: 'cut' });
    cuts.nftLastSent.push(await lastSent(place.receiver, BigInt(String(cut['from']))));
    await place.nftBaseline.request({ do: 'release' }, { event: 'released' });
  }
  return { ...cuts, floodPerSecond };
}

/** Isolates, and waits until the API reports it; milliseconds from just before the call. */
async function isolated({ client, host }: Place, goal: 'isolated'): Promise<{ answered: number; seen: number }> {
  const from = performance.now();
  await client.agents.isolate({ hostName: host });
  const answered = performance.now() - from;
  await reached(client, host, goal);
  return { answered, seen: performance.now() - from };
}

async function restored({ client, host }: Place): Promise<void> {
  await client.agents.restore({ hostName: host });
  await reached(client, host, 'normal');
}

async function reached(client: Client, host: string, goal: 'isolated' | 'normal'): Promise<void> {
  for (let polls = 0; polls < maxPolls; polls += 1) {
    const [agent] = await client.agents.list({ hostName: host });
    if (agent?.isolation === goal) return;
    await sleep(pollIntervalMs);
  }
  throw new Error(`The endpoint did not become ${goal}.`);
}

/** When the last packet that arrived was sent, in milliseconds after `from`. */
async function lastSent(receiver: JsonProcess, from: bigint): Promise<number> {
  await sleep(settleMs);
  const received = await receiver.request({ do: 'report' }, { event: 'received' });
  return Number(BigInt(String(received['lastSent'])) - from) / 1e6;
}

/** Waits until packets arrive again, then for a random time, so that no timer aligns with the call. */
async function flowing(receiver: JsonProcess): Promise<void> {
  const before = await receiver.request({ do: 'report' }, { event: 'received' });
  for (let polls = 0; polls < maxPolls; polls += 1) {
    await sleep(5 + Math.random() * 10);
    const now = await receiver.request({ do: 'report' }, { event: 'received' });
    if (Number(now['count']) > Number(before['count']) + 10) return;
  }
  throw new Error('No packets arrive from the sender.');
}

async function rateOf(receiver: JsonProcess): Promise<number> {
  const [before, from] = [await receiver.request({ do: 'report' }, { event: 'received' }), performance.now()];
  await sleep(1000);
  const after = await receiver.request({ do: 'report' }, { event: 'received' });
  return (Number(after['count']) - Number(before['count'])) / ((performance.now() - from) / 1000);
}

function connect(endpoint: Namespace, neighbour: Namespace): void {
  ip('link set lo up');
  ip('link add bridge0 type bridge');
  ip(`link add to-endpoint type veth peer name eth0 netns ${endpoint.pid}`);
  ip(`link add to-neighbour type veth peer name eth0 netns ${neighbour.pid}`);
  for (const port of ['to-endpoint', 'to-neighbour']) ip(`link set ${port} master bridge0 up`);
  ip('addr add 10.9.0.1/24 dev bridge0');
  ip('link set bridge0 up');
  endpoint.ip(`addr add ${endpointAddress}/24 dev eth0`);
  neighbour.ip(`addr add ${neighbourAddress}/24 dev eth0`);
  for (const one of [endpoint, neighbour]) one.ip('link set eth0 up');
}

function ip(line: string): void {
  execFileSync('ip', line.split(' '));
}

async function startAgent(server: TestServer, endpoint: Namespace, folder: string): Promise<JsonProcess> {
  // An endpoint allows fewer changes per hour than this makes in a minute.
  const environment = {
    CORDON_AGENT_STATE: `${folder}/state`,
    CORDON_AGENT_HOST_NAME: 'endpoint',
    CORDON_AGENT_CHANGES_PER_HOUR: '10000',
    ...taken,
  };
  const console = await server.console();
  const { token } = await console.enrolment.addToken({ uses: 1, validSeconds: 300, note: 'bench' });
  const start = (...args: string[]): JsonProcess =>
    endpoint.start(process.execPath, [agentProgram, ...args], { environment, from: 'stderr' });
  const code = await start('enrol', token).exited;
  if (code !== 0) throw new Error(`Enrolling ended with ${code}.`);
  const agent = start('run', '--with-parent');
  await agent.next({ event: 'connected' });
  return agent;
}

function beside(name: string): string {
  return new URL(name, import.meta.url).pathname;
}
