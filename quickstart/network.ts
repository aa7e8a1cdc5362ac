/**
 * A small network for the practice endpoint: endpoint and neighbour on one bridge, and a cable to this machine, over
 * which the endpoint reaches the server.
 *
 * The namespaces are nameless and belong to the two traffic processes. They vanish with those, cables included, so
 * nothing needs cleaning up after a kill.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readlink } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Child } from './processes.ts';

const run = promisify(execFile);

export interface PracticeNetwork {
  /** Where the server listens for the endpoint. */
  readonly serverAddress: string;
  readonly endpointAddress: string;
  readonly neighbourAddress: string;
  /** Runs in the endpoint's namespace; `nsenter` takes this pid. */
  readonly endpoint: Child;
  readonly neighbour: Child;
  stop(): Promise<void>;
}

const talker = new URL('traffic.ts', import.meta.url).pathname;
const tools = ['ip', 'unshare', 'nsenter'];

/** Why network namespaces cannot be used here; undefined if they can. */
export async function whyNoNamespaces(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'network namespaces are Linux only';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  for (const tool of tools) {
    const found = await run('sh', ['-c', `command -v ${tool}`]).catch(() => undefined);
    if (found === undefined) return `the program "${tool}" is missing (Debian: apt-get install iproute2 util-linux)`;
  }
  const made = await run('unshare', ['--net', 'true']).then(
    () => undefined,
    (error: unknown) => String(error),
  );
  return made === undefined ? undefined : `a network namespace could not be made (${made.split('\n')[0]})`;
}

/** Builds the network of the quickstart in `data`, where its programs' output is logged. */
export async function buildNetwork(data: string): Promise<PracticeNetwork> {
  const log = join(data, 'practice-network.log');
  const subnet = freeSubnet(data);
  const [serverAddress, endpointAddress, neighbourAddress] = [`${subnet}.1`, `${subnet}.2`, `${subnet}.3`];
  const neighbour = await startTraffic('neighbour', ['listen'], log);
  const endpoint = await startTraffic('endpoint', ['send', neighbourAddress], log);
  const stop = async (): Promise<void> => {
    await Promise.all([endpoint.stop(), neighbour.stop()]);
  };
  try {
    await cable({ subnet, endpoint: endpoint.pid, neighbour: neighbour.pid });
  } catch (error) {
    await stop();
    throw error;
  }
  return { serverAddress, endpointAddress, neighbourAddress, endpoint, neighbour, stop };
}

/**
 * A /24 of 10.213.0.0/16 that no interface here has. The same data directory gets the same one if possible, because the
 * endpoint remembers its server's address. Another gets another, because quickstarts may start at the same moment.
 */
function freeSubnet(data: string): string {
  const first = createHash('sha256').update(data).digest().readUInt32BE();
  const taken = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((one) => one.address));
  const free = Array.from({ length: 250 }, (_, index) => `10.213.${((first + index) % 250) + 1}`).find(
    (subnet) => !taken.some((address) => address.startsWith(`${subnet}.`)),
  );
  if (free === undefined) throw new Error('Every subnet of 10.213.0.0/16 is in use; stop some evaluations first.');
  return free;
}

async function startTraffic(name: string, args: readonly string[], log: string): Promise<Child> {
  // A mount namespace too: the practice disk belongs to the endpoint, and vanishes with it.
  const namespaces = ['--net', '--mount', '--propagation', 'private'];
  const child = new Child({ name, command: 'unshare', args: [...namespaces, process.execPath, talker, ...args], log });
  const ready = new Promise<void>((resolve) => child.onMessage(() => resolve()));
  const failed = child.ended.then((how) => Promise.reject(new Error(`The practice ${name} ${how}; see ${log}.`)));
  await Promise.race([ready, failed]);
  await inNamespaceOfItsOwn(child.pid);
  return child;
}

async function inNamespaceOfItsOwn(pid: number): Promise<void> {
  const ours = await readlink('/proc/self/ns/net');
  for (let polls = 0; polls < 100; polls += 1) {
    if ((await readlink(`/proc/${pid}/ns/net`)) !== ours) return;
    await setTimeout(20);
  }
  throw new Error('A network namespace was asked for and not made.');
}

/** The neighbour has the bridge; the cables of the endpoint and of this machine end in it. */
async function cable(plan: { subnet: string; endpoint: number; neighbour: number }): Promise<void> {
  const { subnet, endpoint, neighbour } = plan;
  const host = `cordon${neighbour}`.slice(0, 15);
  const inNeighbour = (line: string): Promise<unknown> => ip(neighbour, line);
  await ip(undefined, `link add ${host} type veth peer name to-host netns ${neighbour}`);
  await inNeighbour(`link add to-endpoint type veth peer name eth0 netns ${endpoint}`);
  await inNeighbour('link add bridge0 type bridge');
  for (const port of ['to-host', 'to-endpoint']) await inNeighbour(`link set ${port} master bridge0 up`);
  await inNeighbour(`addr add ${subnet}.3/24 dev bridge0`);
  for (const line of ['link set lo up', 'link set bridge0 up']) await inNeighbour(line);
  for (const line of ['link set lo up', `addr add ${subnet}.2/24 dev eth0`, 'link set eth0 up'])
    await ip(endpoint, line);
  await ip(undefined, `addr add ${subnet}.1/24 dev ${host}`);
  await ip(undefined, `link set ${host} up`);
}

function ip(namespaceOf: number | undefined, line: string): Promise<unknown> {
  const words = line.split(' ');
  return namespaceOf === undefined
    ? run('ip', words)
    : run('nsenter', ['--target', String(namespaceOf), '--net', 'ip', ...words]);
}
