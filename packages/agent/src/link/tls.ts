/** Opens a TLS connection to a server that shows a pinned public key. */
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { publicKeyPinOf } from '@cordon/protocol/channel';

export interface Pinned {
  readonly host: string;
  readonly port: number;
  /** `publicKeyPinOf` the keys that it may show. */
  readonly publicKeyPins: readonly string[];
}

export interface PinnedConnection {
  readonly socket: TLSSocket;
  /** The one that it shows. */
  readonly publicKeyPin: string;
}

const connectTimeoutMs = 10_000;

/**
 * Resolves only when the key is a pinned one, so not a byte is sent or read before. Names, dates and authorities are not
 * checked: a pin is stricter than all of them, and the handshake proves that the server holds the key. A certificate may
 * be renewed for the same key at any time.
 */
export function connectPinned(to: Pinned, signal?: AbortSignal): Promise<PinnedConnection> {
  const { promise, resolve, reject } = Promise.withResolvers<PinnedConnection>();
  const socket = connect({
    host: to.host,
    port: to.port,
    minVersion: 'TLSv1.3',
    rejectUnauthorized: false,
    ...(isIP(to.host) === 0 ? { servername: to.host } : {}),
  });
  const fail = (error: Error): void => {
    socket.destroy();
    reject(error);
  };
  const abort = (): void => fail(new Error('The connection was cancelled.'));
  if (signal?.aborted === true) abort();
  signal?.addEventListener('abort', abort, { once: true });
  socket.setTimeout(connectTimeoutMs, () =>
    fail(new Error(`${to.host}:${to.port} did not answer within ${connectTimeoutMs / 1000} s.`)),
  );
  socket.once('error', fail);
  socket.once('secureConnect', () => {
    const certificate = socket.getPeerX509Certificate();
    if (!certificate) return fail(new Error(`${to.host}:${to.port} shows no certificate.`));
    const publicKeyPin = publicKeyPinOf(certificate.publicKey);
    if (!to.publicKeyPins.includes(publicKeyPin)) return fail(wrongKey(to, publicKeyPin));
    socket.setTimeout(0);
    resolve({ socket, publicKeyPin });
  });
  return promise.finally(() => signal?.removeEventListener('abort', abort));
}

function wrongKey(to: Pinned, shown: string): Error {
  return new Error(
    `${to.host}:${to.port} shows the public key sha256//${shown}; this agent trusts ${to.publicKeyPins.map((pin) => `sha256//${pin}`).join(', ')} only. Either the connection is intercepted, or the server has a new key that it did not announce: give it the old one back, or enrol this endpoint again.`,
  );
}
