/**
 * A part's end of the line to the enforcer, for the processes `watch` and `files`.
 *
 * Connects for ever. What stands (the part's state, its shield) is said anew on each connection; a detection is said
 * again until the enforcer has it on disk.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Log } from '../log.ts';
import { messageOf } from '../message-of.ts';
import { Lines } from './lines.ts';
import { Outbox } from './outbox.ts';
import { decodeWorkerMessage, maxWorkerLine } from './worker-messages.ts';
import type { FromScanner, FromOnAccess, ToScanner, ToOnAccess } from './worker-messages.ts';
import { processName } from './process-name.ts';

const firstDelay = 50;
const slowestDelay = 2000;
/** Whoever takes nothing for so long is left, and found again by a new connection. */
const maxUnsent = 64_000_000;

export interface WorkerTraffic {
  readonly 'on-access': { readonly to: ToOnAccess; readonly from: Exclude<FromOnAccess, { type: 'hello' }> };
  readonly scanner: { readonly to: ToScanner; readonly from: Exclude<FromScanner, { type: 'hello' }> };
}
export type WorkerName = keyof WorkerTraffic;

export interface PartOptions<P extends WorkerName> {
  readonly part: P;
  /** `partsPath(environment)`. */
  readonly path: string;
  /** Of the rules that are held at this moment; 0 before the first. */
  readonly revision: () => number;
  readonly received: (message: WorkerTraffic[P]['to']) => void;
  readonly log: Log;
}

export class WorkerClient<P extends WorkerName> {
  readonly #options: PartOptions<P>;
  readonly #outbox = new Outbox();
  /** The newest of each: state, shield, and the progress of each task. */
  readonly #standing = new Map<string, string>();
  #socket: Socket | undefined;
  #connected = false;
  #delay = firstDelay;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: PartOptions<P>) {
    this.#options = options;
  }

  /** Connects, and goes on doing so until `close`. */
  open(): void {
    if (this.#closed) return;
    const socket = connect(this.#options.path);
    this.#socket = socket;
    socket.once('connect', () => this.#greet());
    socket.once('error', (error) => this.#complain(messageOf(error)));
    socket.once('close', () => this.#again());
    this.#listen(socket);
  }

  get connected(): boolean {
    return this.#connected;
  }

  tell(message: WorkerTraffic[P]['from']): void {
    if (message.type === 'detection') return this.#write(this.#outbox.add(message));
    const line = JSON.stringify(message);
    const key = message.type === 'progress' ? `progress ${message.task}` : message.type;
    // A progress is said again only if nobody was there to hear it: the enforcer keeps it, and asks for the rest.
    if (message.type !== 'progress' || !this.#connected) this.#standing.set(key, line);
    this.#writeLine(line);
  }

  /** Connects anew: whoever comes is told all of it, and not just what has changed. */
  comeAgain(): void {
    this.#socket?.destroy();
  }

  /** Drops what nobody has taken. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #greet(): void {
    this.#connected = true;
    this.#delay = firstDelay;
    this.#write({
      type: 'hello',
      part: this.#options.part,
      process: processName(process.pid) ?? { pid: process.pid, startedAt: 0 },
      revision: this.#options.revision(),
    });
    for (const [key, line] of this.#standing) {
      this.#writeLine(line);
      if (key.startsWith('progress ')) this.#standing.delete(key);
    }
    for (const one of this.#outbox.waiting) this.#write(one);
  }

  #listen(socket: Socket): void {
    const lines = new Lines(maxWorkerLine);
    socket.on('data', (chunk: Buffer) => {
      for (const line of lines.push(chunk) ?? [undefined]) {
        if (socket.destroyed) return;
        if (line === undefined || !this.#receive(line)) {
          this.#complain('The enforcer sent something that is no message.');
          socket.destroy();
        }
      }
    });
  }

  #receive(line: string): boolean {
    const kept = line.startsWith('{"type":"kept"') ? decodeWorkerMessage('kept', line) : undefined;
    if (kept) {
      this.#outbox.kept(kept.number);
      return true;
    }
    const message = this.#decode(line);
    if (message) this.#options.received(message);
    return message !== undefined;
  }

  #decode(line: string): WorkerTraffic[P]['to'] | undefined {
    const direction = this.#options.part === 'on-access' ? 'toOnAccess' : 'toScanner';
    return decodeWorkerMessage(direction, line);
  }

  #again(): void {
    this.#connected = false;
    this.#socket = undefined;
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.open(), this.#delay);
    this.#delay = Math.min(slowestDelay, this.#delay * 2);
  }

  #write(message: FromOnAccess | FromScanner): void {
    this.#writeLine(JSON.stringify(message));
  }

  #writeLine(line: string): void {
    const socket = this.#socket;
    if (!this.#connected || !socket || socket.destroyed) return;
    if (socket.writableLength > maxUnsent) socket.destroy();
    else socket.write(`${line}\n`);
  }

  /** Once for each time that it is lost, not for each try. */
  #complain(message: string): void {
    if (this.#delay === firstDelay) this.#options.log('enforcer not there', { message });
  }
}
