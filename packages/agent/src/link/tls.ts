/** Opens a TLS connection to a server with one pinned certificate. */
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';

export interface Pinned {
  readonly host: string;
  readonly port: number;
  /** SHA-256 of the certificate (DER), lower-case hex. */
  readonly fingerprint: string;
}

const connectTimeoutMs = 10_000;

/**
 * Resolves only when the certificate is the pinned one, so not a byte is sent or read before. Names, dates and
 * authorities are not checked: the pin is stricter than all of them, and the handshake proves that the server holds the
 * certificate's key.
 */
export function connectPinned(to: Pinned, signal?: AbortSignal): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
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
    const shown = createHash('sha256').update(socket.getPeerCertificate().raw).digest('hex');
    if (shown !== to.fingerprint) return fail(wrongCertificate(to, shown));
    socket.setTimeout(0);
    resolve(socket);
  });
  return promise.finally(() => signal?.removeEventListener('abort', abort));
}

function wrongCertificate(to: Pinned, shown: string): Error {
  return new Error(
    `${to.host}:${to.port} shows the certificate ${shown}; this agent trusts ${to.fingerprint} only. Either the connection is intercepted, or the server has a new certificate and this endpoint must be enrolled again.`,
  );
}
