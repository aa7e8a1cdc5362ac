/**
 * Plays the enforcer for an on-access process that runs alone.
 *
 *   const enforcer = await FakeEnforcer.open(folder);
 *   const onAccess = namespace.start(process.execPath, [agentProgram, 'on-access', '--with-parent'], {
 *     environment: enforcer.environment(namespace.files), from: 'stderr' });
 *   enforcer.list([...]);
 *   enforcer.set({ mode: 'enforce' });
 */
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import { workersPath } from '../../packages/agent/src/ipc/paths.ts';
import { Lines } from '../../packages/agent/src/ipc/line-socket.ts';
import { decodeWorkerMessage, maxWorkerLine } from '../../packages/agent/src/ipc/worker-messages.ts';
import type { FileRule, Match, FromOnAccess, ToOnAccess } from '../../packages/agent/src/ipc/worker-messages.ts';
import { eventually } from './eventually.ts';

type Settings = Omit<Extract<ToOnAccess, { type: 'on-access-settings' }>, 'type'>;
type State = Extract<FromOnAccess, { type: 'state' }>;

export class FakeEnforcer {
  readonly #socketPath: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #received: FromOnAccess[] = [];
  #current: ToOnAccess[] = [];
  #revision = 0;

  /** `folder` must not be on the watched filesystem. */
  static async open(folder: string): Promise<FakeEnforcer> {
    const end = new FakeEnforcer(join(folder, 'enforcer.sock'));
    await new Promise<void>((resolve) =>
      end.#server.listen(workersPath({ CORDON_AGENT_SOCKET: end.#socketPath }), resolve),
    );
    return end;
  }

  private constructor(socketPath: string) {
    this.#socketPath = socketPath;
    this.#server = createServer((socket) => this.#greet(socket));
  }

  /** For the on-access process: this socket, and the one mount point to watch. */
  environment(only: string): NodeJS.ProcessEnv {
    return { CORDON_AGENT_SOCKET: this.#socketPath, CORDON_AGENT_ON_ACCESS_ONLY: only };
  }

  send(message: ToOnAccess): void {
    this.#current = [...this.#current.filter(({ type }) => type !== message.type), message];
    this.sendOnce(message);
  }

  /** Not repeated to processes that connect later. */
  sendOnce(message: ToOnAccess): void {
    for (const socket of this.#sockets) socket.write(`${JSON.stringify(message)}\n`);
  }

  /** Of the list that was sent last. */
  get revision(): number {
    return this.#revision;
  }

  list(files: readonly FileRule[]): void {
    this.#revision += 1;
    this.send({ type: 'rules', revision: this.#revision, files: [...files] });
  }

  /** With the longest deadline allowed, so that a busy machine still decides. */
  set(settings: Partial<Settings>): void {
    this.send({ type: 'on-access-settings', mode: 'enforce', execAtDeadline: 'allow', deadline: 5000, ...settings });
  }

  /** Waits until the newest state is this one. */
  async state(desired: State['state']): Promise<State> {
    return eventually(`on-access is ${desired}; it reported ${JSON.stringify(this.#states.at(-1))}`, () => {
      const newest = this.#states.at(-1);
      return newest?.state === desired ? newest : undefined;
    });
  }

  /** Waits until it reports that it watches the filesystem mounted there. */
  async watches(point: string): Promise<void> {
    await eventually(`on-access watches ${point}`, () =>
      this.#states.at(-1)?.filesystems.includes(point) === true ? true : undefined,
    );
  }

  get matches(): readonly Match[] {
    return this.#received.flatMap((one) => (one.type === 'match' ? [one.match] : []));
  }

  get received(): readonly FromOnAccess[] {
    return this.#received;
  }

  async match(fits: (match: Match) => boolean): Promise<Match> {
    return eventually('such a match is reported', () => this.matches.find(fits));
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  get #states(): State[] {
    return this.#received.filter((one) => one.type === 'state');
  }

  #greet(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const lines = new Lines(maxWorkerLine);
    socket.on('data', (chunk: Buffer) => {
      for (const line of lines.push(chunk) ?? []) this.#receive(socket, line);
    });
  }

  #receive(socket: Socket, line: string): void {
    const message = decodeWorkerMessage('fromOnAccess', line);
    if (!message) throw new Error(`on-access sent something that is no message: ${line.slice(0, 400)}`);
    this.#received.push(message);
    if (message.type === 'hello') for (const one of this.#current) socket.write(`${JSON.stringify(one)}\n`);
    if (message.type === 'match' && message.number !== undefined)
      socket.write(`${JSON.stringify({ type: 'acknowledged', number: message.number })}\n`);
  }
}
