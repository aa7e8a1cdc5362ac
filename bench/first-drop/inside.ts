/**
 * The measurement of `claim.ts`, inside a network namespace of its own: `inside.ts <rounds> <nft|no-nft>` prints
 * one `Drops`. A worker thread sends datagrams without pause, and notes when the kernel first refuses one.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker, isMainThread, workerData } from 'node:worker_threads';
import { NftablesIsolation } from '../../packages/agent/src/enforcer/isolation/nftables-isolation.ts';
import { policyOf } from '../../packages/agent/src/enforcer/isolation/policy.ts';
import { systemCalls } from '../../packages/agent/src/kernel/calls.ts';
import { sendDatagram } from '../../packages/agent/src/kernel/datagram.ts';

/** Milliseconds from the call. `call` is until it returns, `verify` what the proof takes afterwards. */
export type Drops = Readonly<Record<'netlink' | 'nft' | 'call' | 'verify', number[]>>;

const gateways = [{ address: '10.9.0.1', port: 8443 }];
const isolated = policyOf({ isolation: 'isolated', gateways });
const normal = policyOf({ isolation: 'normal', gateways });

if (isMainThread) await measure(Number(process.argv[2] ?? 50), process.argv[3] === 'nft');
else watch(workerData);

/** Waits for a message, then sends until refused, and reports when that was. */
function watch(shared: SharedArrayBuffer): void {
  const [go, when] = [new Int32Array(shared, 0, 1), new BigInt64Array(shared, 8, 1)];
  const calls = systemCalls();
  const to = { version: 'v4', address: Buffer.from([10, 9, 0, 3]), port: 9 } as const;
  for (;;) {
    Atomics.wait(go, 0, 0);
    while (sendDatagram(calls, to) !== 'EPERM');
    Atomics.store(when, 0, process.hrtime.bigint());
    Atomics.store(go, 0, 0);
  }
}

async function measure(rounds: number, hasNft: boolean): Promise<void> {
  makeNetwork();
  const netfilter = new NftablesIsolation(systemCalls());
  netfilter.prepare(isolated);
  netfilter.apply(isolated);
  const text = hasNft ? rulesWithoutOwner() : '';
  netfilter.apply(normal);
  const shared = new SharedArrayBuffer(16);
  const worker = new Worker(new URL(import.meta.url), { workerData: shared });
  await once(worker, 'online');
  const drops: Drops = { netlink: [], nft: [], call: [], verify: [] };
  const byNetlink = async (): Promise<void> => {
    drops.netlink.push(
      await timeOf(shared, async () => void drops.call.push(elapsed(() => netfilter.apply(isolated)))),
    );
    drops.verify.push(elapsed(() => netfilter.verify(isolated)));
    netfilter.apply(normal);
  };
  const byNft = async (): Promise<void> => {
    drops.nft.push(await timeOf(shared, () => spawnNft(text)));
    execFileSync('nft', ['flush', 'ruleset']);
  };
  for (let round = 0; round < rounds; round += 1) {
    const ways = hasNft ? [byNetlink, byNft] : [byNetlink];
    for (const way of Math.random() < 0.5 ? ways : ways.toReversed()) await way();
  }
  process.stdout.write(`${JSON.stringify(drops)}\n`);
  await worker.terminate();
}

/** From just before `act` until the prober was refused. */
async function timeOf(shared: SharedArrayBuffer, act: () => Promise<void>): Promise<number> {
  const go = new Int32Array(shared, 0, 1);
  Atomics.store(go, 0, 1);
  Atomics.notify(go, 0);
  await sleep(5 + Math.random() * 10);
  const from = process.hrtime.bigint();
  await act();
  while (Atomics.load(go, 0) === 1) await sleep(1);
  return Number((new BigInt64Array(shared, 8, 1)[0] ?? 0n) - from) / 1e6;
}

async function spawnNft(text: string): Promise<void> {
  const child = spawn('nft', ['-f', '-'], { stdio: ['pipe', 'inherit', 'inherit'] });
  child.stdin.end(text);
  await once(child, 'exit');
}

/** The rules as nft writes them. Without an owner: otherwise only the agent's socket could remove them. */
function rulesWithoutOwner(): string {
  const listed = execFileSync('nft', ['-s', 'list', 'ruleset'], { encoding: 'utf8' });
  return listed.replaceAll(/ # progname .*\n\tflags .*\n/g, '\n');
}

function makeNetwork(): void {
  for (const line of [
    'link set lo up',
    'link add eth0 type veth peer name far0',
    'addr add 10.9.0.2/24 dev eth0',
    'link set eth0 up',
    'link set far0 up',
    'neigh add 10.9.0.3 lladdr 02:00:00:00:00:03 dev eth0',
  ]) {
    execFileSync('ip', line.split(' '));
  }
}

function elapsed(act: () => void): number {
  const from = performance.now();
  act();
  return performance.now() - from;
}
