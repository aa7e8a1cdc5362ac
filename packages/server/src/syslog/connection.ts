/** A connection to a syslog collector: bytes arrive in order, or it breaks and says how. */
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { SyslogSettings } from '@cordon/protocol/console';
import { checkedLookup, literalRefusal } from '../delivery/destinations.ts';
import type { DestinationRules } from '../delivery/destinations.ts';

/** For the connection and its TLS handshake. */
const connectTimeoutMs = 10_000;
/** How often the kernel checks whether a quiet collector is still there. */
const keepAliveMs = 15_000;

/** How a connection ended. `isClean` if the collector closed it, so that nothing was in transit for long. */
export interface Break {
  readonly isClean: boolean;
  readonly message: string;
}

export class SyslogConnection {
  readonly #socket: Socket;
  #broken: Break | undefined;
  /** Resolves the pending write; there is one at a time. */
  #waiting: (isWritten: boolean) => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', (error) => this.#end({ isClean: false, message: error.message }));
    socket.on('close', () => this.#end({ isClean: true, message: 'The collector closed the connection.' }));
    // A collector sends nothing; its data is read all the same, to see the end of the stream.
    socket.resume();
  }

  /** An open connection, with the collector's certificate checked for TLS, or an Error. */
  static async open(settings: SyslogSettings, rules: DestinationRules): Promise<SyslogConnection> {
    const refused = literalRefusal(settings.host, rules);
    if (refused !== undefined) throw new Error(refused);
    const { host, port } = settings;
    const common = { host, port, lookup: checkedLookup(rules), keepAlive: true, keepAliveInitialDelay: keepAliveMs };
    const secure = { ...common, rejectUnauthorized: true, minVersion: 'TLSv1.2' } as const;
    const isTls = settings.protocol === 'tls';
    const socket = isTls
      ? connectTls(settings.ca === null ? secure : { ...secure, ca: settings.ca })
      : connectTcp(common);
    try {
      await once(socket, isTls ? 'secureConnect' : 'connect', { signal: AbortSignal.timeout(connectTimeoutMs) });
    } catch (error) {
      socket.on('error', () => {}); // The first error is the one that matters.
      socket.destroy();
      const isLate = error instanceof Error && error.name === 'AbortError';
      throw isLate
        ? new Error(`${host}:${port} did not answer within ${connectTimeoutMs / 1000} s.`, { cause: error })
        : error;
    }
    return new SyslogConnection(socket);
  }

  /** Undefined while it is open. */
  get broken(): Break | undefined {
    return this.#broken;
  }

  /** Resolves once the kernel has taken all of it; false if the connection broke before. */
  write(bytes: Buffer): Promise<boolean> {
    if (this.#broken !== undefined) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#socket.write(bytes, (error) => resolve(error === undefined || error === null));
    });
  }

  /** Sends what was written, and closes. */
  async close(): Promise<void> {
    if (this.#broken !== undefined) return;
    const closed = once(this.#socket, 'close', { signal: AbortSignal.timeout(1000) });
    this.#socket.end();
    await closed.catch(() => this.#socket.destroy()); // Does not wait for a collector that keeps its side open.
  }

  #end(how: Break): void {
    this.#broken ??= how;
    this.#socket.destroy();
    this.#waiting(false);
  }
}
