/**
 * A network for one real agent: an endpoint and a neighbour in two namespaces.
 *
 * A veth pair joins them. At the neighbour's end a relay leads to a server on this machine's loopback. Nothing outside
 * the namespaces is touched.
 */
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import type { JsonProcess } from './json-process.ts';
import { Namespace } from './network-namespace.ts';
import { agentProgram, testProgram, temporaryFolder } from '../agent/paths.ts';
import type { TestServer } from './server.ts';

const relayEnd = new URL('relay-end.ts', import.meta.url).pathname;

/** Where every endpoint finds the server; the server's `CORDON_ADVERTISE`. */
export const gateway = '10.9.0.1:8443';
export const neighbours: readonly string[] = ['10.9.0.3', 'fd09::3'];
const echoPort = '9000';

/** Counts what arrives from the endpoint: packets for the server, and all others. */
const counting = `
table netdev seen {
  counter server { }
  counter other { }
  chain in {
    type filter hook ingress device net0 priority 0; policy accept;
    ether type arp accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } accept
    ip saddr 10.9.0.2 ip daddr 10.9.0.1 tcp dport 8443 counter name server accept
    counter name other
  }
}
`;

export class Endpoint {
  readonly name: string;
  readonly host: Namespace;
  readonly network: Namespace;
  /** The folder that holds the agent's state, in `state`. */
  readonly folder: string;
  readonly #remove: () => void;
  readonly #relay: Relay;
  #agent: JsonProcess | undefined;

  /** Calls `server` for each connection, so a restarted server is found. */
  static async make(name: string, server: () => TestServer): Promise<Endpoint> {
    const [host, network] = await Promise.all([Namespace.make(), Namespace.make()]);
    host.cable('eth0', network, 'net0');
    for (const address of ['10.9.0.2/24', 'fd09::2/64 nodad']) host.ip(`addr add ${address} dev eth0`);
    for (const address of ['10.9.0.1/24', '10.9.0.3/24', 'fd09::3/64 nodad'])
      network.ip(`addr add ${address} dev net0`);
    network.feed(counting, 'nft', '-f', '-');
    const folder = temporaryFolder();
    const relay = await Relay.open(join(folder.path, 'relay.sock'), server);
    const endpoint = new Endpoint({ name, host, network, folder, relay });
    const far = network.start(process.execPath, [relayEnd, ...gateway.split(':'), relay.path]);
    const echo = network.start(process.execPath, [testProgram('flow.ts'), 'serve', echoPort]);
    await Promise.all([far.next({ event: 'listening' }), echo.next({ event: 'serving' })]);
    return endpoint;
  }

  private constructor(parts: {
    name: string;
    host: Namespace;
    network: Namespace;
    folder: { path: string; remove: () => void };
    relay: Relay;
  }) {
    this.name = parts.name;
    this.host = parts.host;
    this.network = parts.network;
    this.folder = parts.folder.path;
    this.#remove = parts.folder.remove;
    this.#relay = parts.relay;
  }

  get state(): string {
    return join(this.folder, 'state');
  }

  /** The running agent. */
  get agent(): JsonProcess {
    if (this.#agent === undefined) throw new Error(`No agent was started on ${this.name}.`);
    return this.#agent;
  }

  /** Enrols, or throws an Error with the agent's output. */
  async enrol(token: string): Promise<void> {
    const enrolment = this.#start('enrol', token);
    if ((await enrolment.exited) !== 0) throw new Error(JSON.stringify(enrolment.eventsLike({})));
  }

  run(): JsonProcess {
    this.#agent = this.#start('run', '--with-parent');
    return this.#agent;
  }

  /** Stops the agent, as a shutdown does. */
  async stop(): Promise<void> {
    this.agent.child.kill('SIGTERM');
    await this.agent.exited;
  }

  pidOf(part: 'enforcer' | 'link'): number {
    return Number(this.agent.eventsLike({ event: 'started', process: part }).at(-1)?.['pid']);
  }

  rules(): string {
    return this.host.run('nft', '-s', 'list', 'ruleset');
  }

  /** The number of the agent's tables in the kernel: three when isolated. */
  tables(): number {
    return this.rules().match(/^table \w+ cordon/gm)?.length ?? 0;
  }

  /** Opens a flow to the neighbour, as any program on the endpoint may. */
  talk(address: string): JsonProcess {
    return this.host.start(process.execPath, [testProgram('flow.ts'), 'talk', address, echoPort]);
  }

  /** Packets that reached the neighbour since the last call. */
  receivedPackets(): { server: number; other: number } {
    const listed: unknown = JSON.parse(this.network.run('nft', '-j', 'reset', 'counters', 'table', 'netdev', 'seen'));
    const objects: { counter?: { name: string; packets: number } }[] = Object(listed).nftables;
    const packets = (name: string): number => objects.find((one) => one.counter?.name === name)?.counter?.packets ?? -1;
    return { server: packets('server'), other: packets('other') };
  }

  async close(): Promise<void> {
    this.#agent?.child.stdin?.end();
    await this.#agent?.exited;
    for (const one of [this.host, this.network]) one.close();
    this.#relay.close();
    this.#remove();
  }

  #start(...args: string[]): JsonProcess {
    const environment = {
      CORDON_AGENT_STATE: this.state,
      CORDON_AGENT_HOST_NAME: this.name,
      CORDON_AGENT_USER: 'nobody',
      // The endpoint sees this machine's own filesystems. Only a mount that a test names may be watched.
      CORDON_AGENT_ON_ACCESS_ONLY: process.env['CORDON_AGENT_ON_ACCESS_ONLY'] ?? '/nowhere',
    };
    return this.host.start(process.execPath, [agentProgram, ...args], { environment, from: 'stderr' });
  }
}

/** The near end of the relay: carries connections from a UNIX socket to the server's port on loopback. */
class Relay {
  readonly path: string;
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  static async open(path: string, server: () => TestServer): Promise<Relay> {
    const relay = new Relay(path, server);
    await new Promise<void>((resolve) => relay.#server.listen(path, resolve));
    return relay;
  }

  private constructor(path: string, server: () => TestServer) {
    this.path = path;
    this.#server = createServer({ allowHalfOpen: true }, (far) => {
      const { hostname: host, port } = new URL(server().url);
      const near = connect({ host, port: Number(port), noDelay: true, allowHalfOpen: true });
      far.pipe(near);
      near.pipe(far);
      this.#hold(far, near);
      this.#hold(near, far);
    });
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }

  #hold(one: Socket, other: Socket): void {
    this.#open.add(one);
    one.on('error', () => other.destroy());
    one.on('close', () => {
      this.#open.delete(one);
      other.destroy();
    });
  }
}
