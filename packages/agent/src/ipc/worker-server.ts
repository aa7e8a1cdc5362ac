/** The door of the parts that handle files: a UNIX socket for root alone, at most one connection for each part. */
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { dirname } from 'node:path';
import type { ProcessName } from '@cordon/protocol/channel';
import { Lines } from './lines.ts';
import { decodeWorkerMessage, maxWorkerLine } from './worker-messages.ts';
import type { FromOnAccess } from './worker-messages.ts';
import type { WorkerTraffic, WorkerName } from './worker-client.ts';
import { listenPrivately } from './listen.ts';
import type { Workers } from '../enforcer/workers/workers.ts';

/** Whoever connects and does not say which part it is by then is shown out. */
const patience = 10_000;

type Hello = Extract<FromOnAccess, { type: 'hello' }>;

export interface Greeting {
  readonly process: ProcessName;
  readonly revision: number;
}

export interface WorkerEvents {
  readonly opened: (part: WorkerName, greeting: Greeting) => void;
  readonly received: { readonly [P in WorkerName]: (message: WorkerTraffic[P]['from']) => void };
  readonly closed: (part: WorkerName) => void;
}

export interface WorkerServerOptions extends WorkerEvents {
  readonly path: string;
  /** Somebody sent something that is no message; the connection is closed. */
  readonly misbehaved: (message: string) => void;
}

export class WorkerServer implements Workers {
  readonly #options: WorkerServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #deps = new Map<WorkerName, Socket>();

  constructor(options: WorkerServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#welcome(socket));
  }

  /** Readable and writable for root alone (or, in trials, whoever runs this). */
  async open(): Promise<void> {
    mkdirSync(dirname(this.#options.path), { recursive: true, mode: 0o750 });
    await listenPrivately(this.#server, this.#options.path);
  }

  has(part: WorkerName): boolean {
    return this.#deps.has(part);
  }

  tell<P extends WorkerName>(part: P, message: WorkerTraffic[P]['to']): boolean {
    return this.#write(part, JSON.stringify(message));
  }

  kept(part: WorkerName, number: number): void {
    this.#write(part, JSON.stringify({ type: 'kept', number }));
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #write(part: WorkerName, line: string): boolean {
    const socket = this.#deps.get(part);
    if (!socket || socket.destroyed) return false;
    socket.write(`${line}\n`);
    return true;
  }

  #welcome(socket: Socket): void {
    const lines = new Lines(maxWorkerLine);
    const visitor: { part: WorkerName | undefined } = { part: undefined };
    this.#sockets.add(socket);
    socket.setTimeout(patience, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      if (visitor.part && this.#deps.get(visitor.part) === socket) this.#forget(visitor.part);
    });
    socket.on('data', (chunk: Buffer) => {
      const complete = lines.push(chunk);
      if (!complete) return this.#turnAway(socket, `A line longer than ${maxWorkerLine} characters came.`);
      for (const line of complete) {
        if (socket.destroyed) return;
        if (visitor.part) this.#receive(visitor.part, socket, line);
        else visitor.part = this.#meet(socket, line);
      }
    });
  }

  /** A new process takes the place of the old one, which may be hanging. */
  #meet(socket: Socket, line: string): WorkerName | undefined {
    const hello = decodeWorkerMessage('fromOnAccess', line);
    if (hello?.type !== 'hello') {
      this.#turnAway(socket, 'Somebody came and did not say which part it is.');
      return undefined;
    }
    const { part, process, revision } = hello;
    const before = this.#deps.get(part);
    if (before) {
      this.#forget(part);
      before.destroy();
    }
    socket.setTimeout(0);
    this.#deps.set(part, socket);
    this.#options.opened(part, { process, revision });
    return part;
  }

  #receive(part: WorkerName, socket: Socket, line: string): void {
    const known = part === 'on-access' ? this.#fromOnAccess(line) : this.#fromScanner(line);
    if (!known) this.#turnAway(socket, `A line that is no known message came from ${part}.`);
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

  /** Its rules do not follow one another: it gets all of them. */
  #greetAgain(part: WorkerName, hello: Hello): boolean {
    const { process, revision } = hello;
    if (hello.part === part) this.#options.opened(part, { process, revision });
    return hello.part === part;
  }

  #forget(part: WorkerName): void {
    this.#deps.delete(part);
    this.#options.closed(part);
  }

  #turnAway(socket: Socket, message: string): void {
    socket.destroy();
    this.#options.misbehaved(message);
  }
}
