/** Trusts one certificate: a connection is used only once its SHA-256 equals the pinned one. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ClientRequest } from 'node:http';
import { Agent } from 'node:https';
import type { RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket, connect } from 'node:tls';
import type { AgentConnectOpts } from 'agent-base';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { NetworkError, aborted, usage } from '../errors.ts';
import { networkFailure } from '../transport/network-failures.ts';

/** The fingerprint as 64 lower-case hex digits, from any usual notation. */
export function parseFingerprint(text: string): string {
  const hex = text
    .trim()
    .replace(/^sha-?256[:=/ ]*/i, '')
    .replaceAll(/[:\s]/g, '')
    .toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) return hex;
  throw usage(
    'This is not the SHA-256 fingerprint of a certificate.',
    'It has 64 hex digits, with or without colons; the server prints it when it starts.',
  );
}

/** What an unknown server shows; only the fingerprint is reliable. */
export interface PeerCertificate {
  readonly fingerprint: string;
  readonly subject: string;
  readonly names: string;
  readonly validTo: string;
}

/** The certificate that a server shows, for a person to compare. Nothing is sent to the server. */
export async function peerCertificate(url: string): Promise<PeerCertificate> {
  const { hostname, port, host } = new URL(url);
  const socket = dial(hostname.replace(/^\[|\]$/g, ''), port === '' ? 443 : Number(port));
  try {
    await secured(socket, host);
    const certificate = socket.getPeerCertificate();
    return {
      fingerprint: fingerprintOf(socket),
      subject: [certificate.subject.CN].flat().join(', '),
      names: certificate.subjectaltname ?? '',
      validTo: certificate.valid_to,
    };
  } finally {
    socket.destroy();
  }
}

/** Connections only to servers that hold the private key of the pinned certificate. */
export class PinnedAgent extends Agent {
  readonly #pinned: string;

  constructor(pinned: string) {
    super({ keepAlive: true });
    this.#pinned = pinned;
  }

  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const host = `${options.host ?? ''}:${options.port ?? ''}`;
    const socket = dial(options.host ?? '', Number(options.port));
    const giveUp = (): void => void socket.destroy(aborted());
    if (options.signal?.aborted === true) giveUp();
    options.signal?.addEventListener('abort', giveUp, { once: true });
    void this.#handOver(socket, host).then((error) => {
      options.signal?.removeEventListener('abort', giveUp);
      // oxlint-disable-next-line promise/no-callback-in-promise -- node:http takes the socket by a callback
      return callback?.(error, socket);
    });
  }

  /** Null once the certificate is the pinned one; else what is wrong, and the connection is closed. */
  async #handOver(socket: TLSSocket, host: string): Promise<Error | null> {
    try {
      await secured(socket, host);
      verify(socket, host, this.#pinned);
      return null;
    } catch (error) {
      socket.destroy();
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}

/** The same through a proxy, which sees the server's name but none of the content. */
export class PinnedProxyAgent extends HttpsProxyAgent<string> {
  readonly #pinned: string;

  constructor(pinned: string, proxy: URL) {
    super(proxy, { keepAlive: true });
    this.#pinned = pinned;
  }

  override async connect(request: ClientRequest, options: AgentConnectOpts): Promise<Socket> {
    const host = `${options.host ?? ''}:${options.port ?? ''}`;
    // Chain and name are not checked here either: see dial().
    const unverified = { rejectUnauthorized: false, minVersion: 'TLSv1.2' } as const;
    const socket = await super.connect(request, { ...options, ...unverified });
    // The proxy has refused; this is its answer.
    if (!(socket instanceof TLSSocket)) return socket;
    try {
      await secured(socket, host);
      verify(socket, host, this.#pinned);
      return socket;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }
}

function verify(socket: TLSSocket, host: string, pinned: string): void {
  const shown = fingerprintOf(socket);
  if (timingSafeEqual(Buffer.from(shown), Buffer.from(pinned))) return;
  throw new NetworkError(host, {
    code: 'FINGERPRINT_MISMATCH',
    message: `${host} shows another certificate than the pinned one: ${shown} instead of ${pinned}.`,
    hint:
      'Nothing was sent. If the certificate was renewed, compare the new fingerprint with what the server prints ' +
      'and pin that; if not, somebody stands between here and the server.',
  });
}

const handshakeMs = 20_000;

/**
 * Chain and name are not checked, because the fingerprint proves more than both. Sessions are not reused, so each
 * connection shows its certificate.
 */
function dial(host: string, port: number): TLSSocket {
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return connect({
    host,
    port,
    ...servername,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
  });
}

async function secured(socket: TLSSocket, host: string): Promise<void> {
  socket.setTimeout(handshakeMs, () => socket.destroy(tooSlow(host)));
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', (error) => {
      reject(networkFailure(host, error));
    });
  });
  socket.setTimeout(0);
}

function fingerprintOf(socket: TLSSocket): string {
  return createHash('sha256').update(socket.getPeerCertificate().raw).digest('hex');
}

function tooSlow(host: string): NetworkError {
  return new NetworkError(host, {
    code: 'ETIMEDOUT',
    message: `${host} did not finish the TLS handshake in ${handshakeMs / 1000} s.`,
    hint: 'Check the address, and the firewalls in between.',
  });
}
