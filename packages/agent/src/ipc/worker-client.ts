/**
 * A worker's connection to the enforcer, for on-access and scanner.
 *
 * Reconnects until it is closed. State (of the worker, of the protected files) is sent again on each connection; a
 * match is sent again until the enforcer has it on disk.
 */
import { backoff } from '../backoff.ts';
import type { Log } from '../log.ts';
import { messageOf } from '../message-of.ts';
import { processName } from '../kernel/process-name.ts';
import { connectTo } from './line-socket.ts';
import type { LineSocket } from './line-socket.ts';
import { Outbox } from './outbox.ts';
import { decodeWorkerMessage, maxWorkerLine } from './worker-messages.ts';
import type { FromScanner, FromOnAccess, ToScanner, ToOnAccess } from './worker-messages.ts';

const reconnect = { firstMs: 50, maxMs: 2000 } as const;

export interface WorkerTraffic {
  readonly 'on-access': { readonly to: ToOnAccess; readonly from: Exclude<FromOnAccess, { type: 'hello' }> };
  readonly scanner: { readonly to: ToScanner; readonly from: Exclude<FromScanner, { type: 'hello' }> };
}
export type WorkerName = keyof WorkerTraffic;

export interface WorkerClientOptions<W extends WorkerName> {
  readonly worker: W;
  /** `workersPath(environment)`. */
  readonly path: string;
  /** Of the rules that it holds now; 0 before the first. */
  readonly revision: () => number;
  readonly received: (message: WorkerTraffic[W]['to']) => void;
  readonly log: Log;
}

export class WorkerClient<W extends WorkerName> {
  readonly #options: WorkerClientOptions<W>;
  readonly #outbox = new Outbox();
  /** The newest of each: state, protected files, and the progress of each task. */
  readonly #newest = new Map<string, string>();
  #connection: LineSocket | undefined;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: WorkerClientOptions<W>) {
    this.#options = options;
  }

  /** Connects, and keeps reconnecting until `close`. */
  open(): void {
    if (this.#closed) return;
    connectTo(this.#options.path).then(
      (connection) => this.#opened(connection),
      (error: unknown) => {
        this.#complain(messageOf(error));
        this.#openLater();
      },
    );
  }

  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  send(message: WorkerTraffic[W]['from']): void {
    if (message.type === 'match') {
      const waiting = this.#outbox.add(message);
      this.#connection?.send(waiting);
      return;
    }
    const line = JSON.stringify(message);
    const key = message.type === 'progress' ? `progress ${message.task}` : message.type;
    // The enforcer keeps a progress that it has received, so only one that nobody received is sent again.
    if (message.type !== 'progress' || !this.isConnected) this.#newest.set(key, line);
    this.#connection?.sendLine(line);
  }

  /** Connects again: a new connection is sent all rules, and not only what has changed. */
  reconnect(): void {
    this.#connection?.close();
  }

  /** Drops what has not been acknowledged. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#connection?.close();
  }

  #opened(connection: LineSocket): void {
    if (this.#closed) return connection.close();
    this.#connection = connection;
    this.#failures = 0;
    connection.listen({
      maxLength: maxWorkerLine,
      received: (line) => this.#receive(line),
      misbehaved: () => this.#complain('The enforcer sent something that is no message.'),
      closed: () => {
        this.#connection = undefined;
        this.#openLater();
      },
    });
    const { worker, revision } = this.#options;
    const self = processName(process.pid) ?? { pid: process.pid, startedAt: 0 };
    connection.send({ type: 'hello', worker, process: self, revision: revision() });
    for (const [key, line] of this.#newest) {
      connection.sendLine(line);
      if (key.startsWith('progress ')) this.#newest.delete(key);
    }
    for (const one of this.#outbox.waiting) connection.send(one);
  }

  #receive(line: string): boolean {
    const acknowledged = line.startsWith('{"type":"acknowledged"')
      ? decodeWorkerMessage('acknowledged', line)
      : undefined;
    if (acknowledged) {
      this.#outbox.acknowledge(acknowledged.number);
      return true;
    }
    const direction = this.#options.worker === 'on-access' ? 'toOnAccess' : 'toScanner';
    const message: WorkerTraffic[W]['to'] | undefined = decodeWorkerMessage(direction, line);
    if (message) this.#options.received(message);
    return message !== undefined;
  }

  #openLater(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.open(), backoff(this.#failures, reconnect));
    this.#failures += 1;
  }

  /** Once for each lost connection, not for each attempt. */
  #complain(message: string): void {
    if (this.#failures === 0) this.#options.log('enforcer not there', { message });
  }
}
