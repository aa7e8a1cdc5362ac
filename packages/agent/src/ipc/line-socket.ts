/** One connection over a UNIX socket: a JSON object a line, both ways. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';

/** A peer that leaves this many bytes unread is dropped. */
const maxUnsentBytes = 64_000_000;

export type Misbehaviour = 'too-long' | 'no-message';

export interface LineHandlers {
  /** Characters of the longest line that is accepted. */
  readonly maxLength: number;
  /** False when the line is no message: that closes the connection. */
  readonly received: (line: string) => boolean;
  /** The peer sent something that is no message; the connection is closed. */
  readonly misbehaved?: (why: Misbehaviour) => void;
  readonly closed?: () => void;
}

/** Reads nothing before `listen`: what comes earlier waits in the socket. */
export class LineSocket {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => socket.destroy());
  }

  listen(handlers: LineHandlers): void {
    const socket = this.#socket;
    const lines = new Lines(handlers.maxLength);
    const refuse = (why: Misbehaviour): void => {
      socket.destroy();
      handlers.misbehaved?.(why);
    };
    if (handlers.closed) socket.once('close', handlers.closed);
    socket.on('data', (chunk: Buffer) => {
      const complete = lines.push(chunk);
      if (!complete) return refuse('too-long');
      for (const line of complete) {
        if (socket.destroyed) return;
        if (!handlers.received(line)) refuse('no-message');
      }
    });
  }

  /** False when the connection is closed. */
  send(message: object): boolean {
    return this.sendLine(JSON.stringify(message));
  }

  sendLine(line: string): boolean {
    if (this.isClosed) return false;
    if (this.#socket.writableLength > maxUnsentBytes) this.#socket.destroy();
    else this.#socket.write(`${line}\n`);
    return !this.isClosed;
  }

  /** Sends the last message and closes. */
  end(message: object): void {
    this.#socket.end(`${JSON.stringify(message)}\n`);
  }

  /** Closes when nothing is sent or received for this long; 0 is no limit. */
  setIdleTimeout(milliseconds: number): void {
    this.#socket.removeAllListeners('timeout').setTimeout(milliseconds, () => this.close());
  }

  get isClosed(): boolean {
    return this.#socket.destroyed;
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Rejects when nobody answers at that path. */
export function connectTo(path: string): Promise<LineSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<LineSocket>();
  const socket = connect(path);
  socket.once('error', reject);
  socket.once('connect', () => {
    socket.off('error', reject);
    resolve(new LineSocket(socket));
  });
  return promise;
}

export async function isAnswered(path: string): Promise<boolean> {
  try {
    (await connectTo(path)).close();
    return true;
  } catch {
    return false;
  }
}

/** Cuts a stream into lines, and never holds more of it than the longest line may have. */
export class Lines {
  readonly #maxLength: number;
  readonly #decoder = new StringDecoder('utf8');
  #pieces: string[] = [];
  #length = 0;

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** The lines that are complete now; undefined when one is too long, after which the stream is unusable. */
  push(chunk: Buffer): string[] | undefined {
    const parts = this.#decoder.write(chunk).split('\n');
    const lines: string[] = [];
    for (const [index, part] of parts.entries()) {
      this.#length += part.length;
      if (this.#length > this.#maxLength) return undefined;
      this.#pieces.push(part);
      if (index < parts.length - 1) lines.push(this.#take());
    }
    return lines;
  }

  #take(): string {
    const line = this.#pieces.join('');
    this.#pieces = [];
    this.#length = 0;
    return line;
  }
}
