/**
 * Measures how long it takes from the call until the kernel drops the first packet. A program for the bench, to be run
 * inside a network namespace of its own: `node first-drop.ts <rounds>`; prints one JSON object of samples in milliseconds.
 *
 * A worker thread sends UDP datagrams without pause, and notes the moment at which the kernel first refuses one.
 * `netlink` is what the agent does; `nft` spawns `nft -f -` with the same rules. Both are tried in random order.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker, isMainThread, workerData } from 'node:worker_threads';
import { Netfilter } from '../../packages/agent/src/isolation/netfilter.ts';
import { policyOf } from '../../packages/agent/src/isolation/policy.ts';
import { systemCalls } from '../../packages/agent/src/kernel/calls.ts';
import type { Calls } from '../../packages/agent/src/kernel/calls.ts';
import { sendDatagram } from '../../packages/agent/src/kernel/datagram.ts';

const notPermitted = 1;
const gateways = [{ address: '10.9.0.1', port: 8443 }];
const isolated = policyOf({ isolation: 'isolated', gateways });
const normal = policyOf({ isolation: 'normal', gateways });
const calls = calledOrThrow();

function calledOrThrow(): Calls {
  const found = systemCalls();
  if (found instanceof Error) throw found;
  return found;
}

/** Waits for a word, then sends until it is refused, and says when that was. */
function watch(shared: SharedArrayBuffer): void {
  const go = new Int32Array(shared, 0, 1);
  const when = new BigInt64Array(shared, 8, 1);
  const to = { version: 'v4', address: Buffer.from([10, 9, 0, 3]), port: 9 } as const;
  for (;;) {
    Atomics.wait(go, 0, 0);
    while (sendDatagram(calls, to) !== notPermitted);
    Atomics.store(when, 0, process.hrtime.bigint());
    Atomics.store(go, 0, 0);
  }
}

async function measure(rounds: number): Promise<void> {
  for (const command of [
    'link set lo up',
    'link add eth0 type veth peer name far0',
    'addr add 10.9.0.2/24 dev eth0',
    'link set eth0 up',
    'link set far0 up',
    'neigh add 10.9.0.3 lladdr 02:00:00:00:00:03 dev eth0',
  ]) {
    execFileSync('ip', command.split(' '));
  }
  const netfilter = new Netfilter(calls);
  netfilter.prepare(isolated);
  netfilter.apply(isolated);
  const listed = execFileSync('nft', ['-s', 'list', 'ruleset'], { encoding: 'utf8' });
  const text = listed.replaceAll(/ # progname .*\n\tflags .*\n/g, '\n');
  netfilter.apply(normal);

  const shared = new SharedArrayBuffer(16);
  const worker = new Worker(new URL(import.meta.url), { workerData: shared });
  await once(worker, 'online');
  const samples = { netlink: [], 'netlink call': [], nft: [], verify: [] } satisfies Record<string, number[]> as Record<
    'netlink' | 'netlink call' | 'nft' | 'verify',
    number[]
  >;
  for (let round = 0; round < rounds; round += 1) {
    const ways = Math.random() < 0.5 ? (['netlink', 'nft'] as const) : (['nft', 'netlink'] as const);
    for (const way of ways) {
      samples[way].push(await timeOf(shared, () => (way === 'netlink' ? byNetlink() : byNft(text))));
      if (way === 'netlink') {
        samples.verify.push(elapsed(() => netfilter.verify(isolated)));
        netfilter.apply(normal);
      } else {
        execFileSync('nft', ['flush', 'ruleset']);
      }
    }
  }
  process.stdout.write(`${JSON.stringify(samples)}\n`);
  await worker.terminate();

  async function byNetlink(): Promise<void> {
    samples['netlink call'].push(elapsed(() => netfilter.apply(isolated)));
    await Promise.resolve();
  }
}

async function timeOf(shared: SharedArrayBuffer, act: () => Promise<void>): Promise<number> {
  const go = new Int32Array(shared, 0, 1);
  Atomics.store(go, 0, 1);
  Atomics.notify(go, 0);
  await sleep(5 + Math.random() * 10);
  const from = process.hrtime.bigint();
  await act();
  while (Atomics.load(go, 0) === 1) await sleep(1);
  return Number(new BigInt64Array(shared, 8, 1)[0] ?? 0n) / 1e6 - Number(from) / 1e6;
}

async function byNft(text: string): Promise<void> {
  const child = spawn('nft', ['-f', '-'], { stdio: ['pipe', 'inherit', 'inherit'] });
  child.stdin.end(text);
  await once(child, 'exit');
}

function elapsed(act: () => void): number {
  const from = performance.now();
  act();
  return performance.now() - from;
}

if (isMainThread) await measure(Number(process.argv[2] ?? 50));
else watch(workerData);
