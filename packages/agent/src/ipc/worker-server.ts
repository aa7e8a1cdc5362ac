/** The enforcer's socket for its workers: root alone, at most one connection for each of them. */
import type { ProcessName } from '@cordon/protocol/channel';
import type { LineSocket, Misbehaviour } from './line-socket.ts';
import { SocketServer } from './socket-server.ts';
import type { WorkerTraffic, WorkerName } from './worker-client.ts';
import { decodeWorkerMessage, maxWorkerLine } from './worker-messages.ts';
import type { FromOnAccess } from './worker-messages.ts';

/** A connection that does not say within this time which worker it is, is closed. */
const helloTimeoutMs = 10_000;

type Hello = Extract<FromOnAccess, { type: 'hello' }>;

export interface Greeting {
  readonly process: ProcessName;
  readonly revision: number;
}

export interface WorkerEvents {
  readonly opened: (worker: WorkerName, greeting: Greeting) => void;
  readonly received: { readonly [W in WorkerName]: (message: WorkerTraffic[W]['from']) => void };
  readonly closed: (worker: WorkerName) => void;
}

export interface WorkerServerOptions extends WorkerEvents {
  readonly path: string;
  /** Somebody sent something that is no message; the connection is closed. */
  readonly misbehaved: (message: string) => void;
}

export class WorkerServer {
  readonly #options: WorkerServerOptions;
  readonly #server: SocketServer;
  readonly #workers = new Map<WorkerName, LineSocket>();

  constructor(options: WorkerServerOptions) {
    this.#options = options;
    const connected = (connection: LineSocket): void => this.#accept(connection);
    this.#server = new SocketServer({ path: options.path, idleTimeoutMs: helloTimeoutMs, connected });
  }

  /** Readable and writable for root alone (or, in trials, the user who runs this). */
  open(): Promise<void> {
    return this.#server.open();
  }

  has(worker: WorkerName): boolean {
    return this.#workers.has(worker);
  }

  /** False when that worker is not connected. */
  send<W extends WorkerName>(worker: W, message: WorkerTraffic[W]['to']): boolean {
    return this.#workers.get(worker)?.send(message) ?? false;
  }

  /** Its matches up to this number are on disk. */
  acknowledge(worker: WorkerName, number: number): void {
    this.#workers.get(worker)?.send({ type: 'acknowledged', number });
  }

  close(): void {
    this.#server.close();
  }

  #accept(connection: LineSocket): void {
    let worker: WorkerName | undefined;
    connection.listen({
      maxLength: maxWorkerLine,
      received: (line) => {
        if (worker) return worker === 'on-access' ? this.#fromOnAccess(line) : this.#fromScanner(line);
        worker = this.#greet(connection, line);
        return worker !== undefined;
      },
      misbehaved: (why) => this.#options.misbehaved(complaint(why, worker)),
      closed: () => {
        if (worker && this.#workers.get(worker) === connection) this.#forget(worker);
      },
    });
  }

  /** A new process replaces the old one, which may be hanging. */
  #greet(connection: LineSocket, line: string): WorkerName | undefined {
    const hello = decodeWorkerMessage('fromOnAccess', line);
    if (hello?.type !== 'hello') return undefined;
    const { worker, process, revision } = hello;
    const before = this.#workers.get(worker);
    if (before) {
      this.#forget(worker);
      before.close();
    }
    connection.setIdleTimeout(0);
    this.#workers.set(worker, connection);
    this.#options.opened(worker, { process, revision });
    return worker;
  }

  #fromOnAccess(line: string): boolean {
    const message = decodeWorkerMessage('fromOnAccess', line);
    if (message?.type === 'hello') return this.#greetAgain('on-access', message);
    if (message) this.#options.received['on-access'](message);
    return message !== undefined;
  }

  #fromScanner(line: string): boolean {
    const message = decodeWorkerMessage('fromScanner', line);
    if (message?.type === 'hello') return this.#greetAgain('scanner', message);
    if (message) this.#options.received.scanner(message);
    return message !== undefined;
  }

  /** A change did not follow the rules it holds: it gets all of them. */
  #greetAgain(worker: WorkerName, hello: Hello): boolean {
    const { process, revision } = hello;
    if (hello.worker === worker) this.#options.opened(worker, { process, revision });
    return hello.worker === worker;
  }

  #forget(worker: WorkerName): void {
    this.#workers.delete(worker);
    this.#options.closed(worker);
  }
}

function complaint(why: Misbehaviour, worker: WorkerName | undefined): string {
  if (why === 'too-long') return `A line longer than ${maxWorkerLine} characters came.`;
  if (!worker) return 'A process connected and did not say which worker it is.';
  return `A line that is no known message came from ${worker}.`;
}
