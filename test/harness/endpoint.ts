/**
 * An endpoint of its own for a real agent: two namespaces joined by one cable, endpoint here, neighbour there, and at
 * the neighbour's end a line to a server that listens on this machine's loopback. Nothing outside is touched.
 */
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import type { JsonProcess } from './json-process.ts';
import { Namespace } from './network-namespace.ts';
import { agentProgram, testProgram, temporaryFolder } from '../agent/paths.ts';
import type { TestServer } from './server.ts';

const lineEnd = new URL('relay-end.ts', import.meta.url).pathname;

/** Where every endpoint finds the server; `CORDON_ADVERTISE` of a server that endpoints are to reach. */
export const gateway = '10.9.0.1:8443';
export const neighbours: readonly string[] = ['10.9.0.3', 'fd09::3'];
const echoPort = '9000';

/** Counts at the neighbour's end of the cable what comes from the endpoint: its line to the server, and all else. */
const counting = `
table netdev seen {
  counter line { }
  counter stray { }
  chain in {
    type filter hook ingress device net0 priority 0; policy accept;
    ether type arp accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } accept
    ip saddr 10.9.0.2 ip daddr 10.9.0.1 tcp dport 8443 counter name line accept
    counter name stray
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
  readonly #line: Line;
  #agent: JsonProcess | undefined;

  /** `server` is asked anew for each connection, so a server may be replaced by its next start. */
  static async make(name: string, server: () => TestServer): Promise<Endpoint> {
    const [host, network] = await Promise.all([Namespace.make(), Namespace.make()]);
    host.cable('eth0', network, 'net0');
    for (const address of ['10.9.0.2/24', 'fd09::2/64 nodad']) host.ip(`addr add ${address} dev eth0`);
    for (const address of ['10.9.0.1/24', '10.9.0.3/24', 'fd09::3/64 nodad'])
      network.ip(`addr add ${address} dev net0`);
    network.feed(counting, 'nft', '-f', '-');
    const folder = temporaryFolder();
    const line = await Line.open(join(folder.path, 'line.sock'), server);
    const endpoint = new Endpoint({ name, host, network, folder, line });
    const far = network.start(process.execPath, [lineEnd, ...gateway.split(':'), line.path]);
    const echo = network.start(process.execPath, [testProgram('flow.ts'), 'serve', echoPort]);
    await Promise.all([far.next({ event: 'listening' }), echo.next({ event: 'serving' })]);
    return endpoint;
  }

  private constructor(parts: {
    name: string;
    host: Namespace;
    network: Namespace;
    folder: { path: string; remove: () => void };
    line: Line;
  }) {
    this.name = parts.name;
    this.host = parts.host;
    this.network = parts.network;
    this.folder = parts.folder.path;
    this.#remove = parts.folder.remove;
    this.#line = parts.line;
  }

  get state(): string {
    return join(this.folder, 'state');
  }

  /** The agent that runs now. */
  get agent(): JsonProcess {
    if (this.#agent === undefined) throw new Error(`No agent was started on ${this.name}.`);
    return this.#agent;
  }

  /** Enrols, or throws an Error with what the agent said. */
  async enrol(token: string): Promise<void> {
    const told = this.#start('enrol', token);
    if ((await told.exited) !== 0) throw new Error(JSON.stringify(told.eventsLike({})));
  }

  run(): JsonProcess {
    this.#agent = this.#start('run', '--with-parent');
    return this.#agent;
  }

  /** Switches the agent off, as at a shutdown. */
  async stop(): Promise<void> {
    this.agent.child.kill('SIGTERM');
    await this.agent.exited;
  }

  pidOf(part: 'enforcer' | 'link'): number {
    return Number(this.agent.eventsLike({ event: 'started', part }).at(-1)?.['pid']);
  }

  rules(): string {
    return this.host.run('nft', '-s', 'list', 'ruleset');
  }

  /** How many of the agent's tables the kernel holds: three when isolated. */
  tables(): number {
    return this.rules().match(/^table \w+ cordon/gm)?.length ?? 0;
  }

  /** A flow to the neighbour, as any program of the endpoint may open one. */
  talk(address: string): JsonProcess {
    return this.host.start(process.execPath, [testProgram('flow.ts'), 'talk', address, echoPort]);
  }

  /** Packets that reached the neighbour's end of the cable since this was last asked. */
  seen(): { line: number; stray: number } {
    const listed: unknown = JSON.parse(this.network.run('nft', '-j', 'reset', 'counters', 'table', 'netdev', 'seen'));
    const objects: { counter?: { name: string; packets: number } }[] = Object(listed).nftables;
    const packets = (name: string): number => objects.find((one) => one.counter?.name === name)?.counter?.packets ?? -1;
    return { line: packets('line'), stray: packets('stray') };
  }

  async close(): Promise<void> {
    this.#agent?.child.stdin?.end();
    await this.#agent?.exited;
    for (const one of [this.host, this.network]) one.close();
    this.#line.close();
    this.#remove();
  }

  #start(...args: string[]): JsonProcess {
    const environment = {
      CORDON_AGENT_STATE: this.state,
      CORDON_AGENT_HOST_NAME: this.name,
      CORDON_AGENT_USER: 'nobody',
      // Its filesystems are those of this very machine, which nobody here may watch: only a mount named on purpose.
      CORDON_AGENT_ON_ACCESS_ONLY: process.env['CORDON_AGENT_ON_ACCESS_ONLY'] ?? '/nowhere',
    };
    return this.host.start(process.execPath, [agentProgram, ...args], { environment, from: 'stderr' });
  }
}

/** The near end of a line: takes what comes to its UNIX socket to the server's port on loopback. */
class Line {
  readonly path: string;
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  static async open(path: string, server: () => TestServer): Promise<Line> {
    const line = new Line(path, server);
    await new Promise<void>((resolve) => line.#server.listen(path, resolve));
    return line;
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
