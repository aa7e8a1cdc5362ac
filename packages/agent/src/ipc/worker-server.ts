/** The door of the parts that handle files: a UNIX socket for root alone, at most one connection for each part. */
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { dirname } from 'node:path';
import type { ProcessName } from '@cordon/protocol/channel';
import { Lines } from './lines.ts';
import { decodePart, longestPartsLine } from './worker-messages.ts';
import type { FromWatch } from './worker-messages.ts';
import type { PartMessages, PartName } from './worker-client.ts';
import { listenPrivately } from './listen.ts';
import type { PartsLine } from '../enforcer/workers/workers.ts';

/** Whoever connects and does not say which part it is by then is shown out. */
const patience = 10_000;

type Hello = Extract<FromWatch, { type: 'hello' }>;

export interface Greeting {
  readonly process: ProcessName;
  readonly revision: number;
}

export interface PartsEvents {
  readonly opened: (part: PartName, greeting: Greeting) => void;
  readonly received: { readonly [P in PartName]: (message: PartMessages[P]['from']) => void };
  readonly closed: (part: PartName) => void;
}

export interface PartsDoorOptions extends PartsEvents {
  readonly path: string;
  /** Somebody sent something that is no message; the connection is closed. */
  readonly misbehaved: (sentence: string) => void;
}

export class PartsDoor implements PartsLine {
  readonly #options: PartsDoorOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #parts = new Map<PartName, Socket>();

  constructor(options: PartsDoorOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#welcome(socket));
  }

  /** Readable and writable for root alone (or, in trials, whoever runs this). */
  async open(): Promise<void> {
    mkdirSync(dirname(this.#options.path), { recursive: true, mode: 0o750 });
    await listenPrivately(this.#server, this.#options.path);
  }

  has(part: PartName): boolean {
    return this.#parts.has(part);
  }

  tell<P extends PartName>(part: P, message: PartMessages[P]['to']): boolean {
    return this.#write(part, JSON.stringify(message));
  }

  kept(part: PartName, number: number): void {
    this.#write(part, JSON.stringify({ type: 'kept', number }));
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #write(part: PartName, line: string): boolean {
    const socket = this.#parts.get(part);
    if (!socket || socket.destroyed) return false;
    socket.write(`${line}\n`);
    return true;
  }

  #welcome(socket: Socket): void {
    const lines = new Lines(longestPartsLine);
    const visitor: { part: PartName | undefined } = { part: undefined };
    this.#sockets.add(socket);
    socket.setTimeout(patience, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      if (visitor.part && this.#parts.get(visitor.part) === socket) this.#forget(visitor.part);
    });
    socket.on('data', (chunk: Buffer) => {
      const complete = lines.push(chunk);
      if (!complete) return this.#turnAway(socket, `A line longer than ${longestPartsLine} characters came.`);
      for (const line of complete) {
        if (socket.destroyed) return;
        if (visitor.part) this.#receive(visitor.part, socket, line);
        else visitor.part = this.#meet(socket, line);
      }
    });
  }

  /** A new process takes the place of the old one, which may be hanging. */
  #meet(socket: Socket, line: string): PartName | undefined {
    const hello = decodePart('fromWatch', line);
    if (hello?.type !== 'hello') {
      this.#turnAway(socket, 'Somebody came and did not say which part it is.');
      return undefined;
    }
    const { part, process, revision } = hello;
    const before = this.#parts.get(part);
    if (before) {
      this.#forget(part);
      before.destroy();
    }
    socket.setTimeout(0);
    this.#parts.set(part, socket);
    this.#options.opened(part, { process, revision });
    return part;
  }

  #receive(part: PartName, socket: Socket, line: string): void {
    const known = part === 'watch' ? this.#fromWatch(line) : this.#fromFiles(line);
    if (!known) this.#turnAway(socket, `A line that is no known message came from ${part}.`);
  }

  #fromWatch(line: string): boolean {
    const message = decodePart('fromWatch', line);
    if (message?.type === 'hello') return this.#greetAgain('watch', message);
    if (message) this.#options.received.watch(message);
    return message !== undefined;
  }

  #fromFiles(line: string): boolean {
    const message = decodePart('fromFiles', line);
    if (message?.type === 'hello') return this.#greetAgain('files', message);
    if (message) this.#options.received.files(message);
    return message !== undefined;
  }

  /** Its rules do not follow one another: it gets all of them. */
  #greetAgain(part: PartName, hello: Hello): boolean {
    const { process, revision } = hello;
    if (hello.part === part) this.#options.opened(part, { process, revision });
    return hello.part === part;
  }

  #forget(part: PartName): void {
    this.#parts.delete(part);
    this.#options.closed(part);
  }

  #turnAway(socket: Socket, sentence: string): void {
    socket.destroy();
    this.#options.misbehaved(sentence);
  }
}
