/** Transports over node:https that differ only in what they trust. Connections are reused. */
import { Agent, request as httpsRequest } from 'node:https';
import { request as httpRequest } from 'node:http';
import type { ClientRequest, Agent as HttpAgent, IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CordonError, NetworkError } from '../errors.ts';
import { failureThrough, networkFailure } from '../transport/network-failures.ts';
import type { Transport, WireAnswer, WireRequest } from '../transport/transport.ts';
import { PinnedAgent, PinnedProxyAgent, parseFingerprint } from './pinning.ts';
import { proxyAgent, proxyUrl } from './proxy.ts';

export interface ProxyOptions {
  /** `http://user:password@proxy.example:3128`: connections go through it, and TLS still ends at the server. */
  readonly proxy?: string | undefined;
}

/** Trusts the authorities that Node trusts. */
export function systemTransport({ proxy }: ProxyOptions = {}): Transport {
  return over({ agent: proxy === undefined ? new Agent({ keepAlive: true }) : proxyAgent(proxy), trust: {}, proxy });
}

/** Trusts only certificates that `ca` (PEM) signed. */
export function caTransport({ ca, proxy }: { ca: string | Buffer } & ProxyOptions): Transport {
  return over({
    agent: proxy === undefined ? new Agent({ keepAlive: true }) : proxyAgent(proxy),
    trust: { ca },
    proxy,
  });
}

/** Trusts the one certificate with this SHA-256 fingerprint, regardless of issuer and name. */
export function pinnedTransport({ fingerprint, proxy }: { fingerprint: string } & ProxyOptions): Transport {
  const pinned = parseFingerprint(fingerprint);
  const agent = proxy === undefined ? new PinnedAgent(pinned) : new PinnedProxyAgent(pinned, proxyUrl(proxy));
  return over({ agent, trust: {}, proxy });
}

/** Bytes of an answer; ten thousand objects of each type are some 15 MB. */
const largestAnswer = 256 * 1024 * 1024;
/** With no byte in either direction; a large upload is processed after its last byte. */
const idleMs = 120_000;

/** The agent for requests, and what TLS trusts beyond the agent's own options. */
interface Way {
  readonly agent: HttpAgent;
  readonly trust: { readonly ca?: string | Buffer };
  readonly proxy: string | undefined;
}

function over(way: Way): Transport {
  return async (request) => {
    const host = new URL(request.url).host;
    try {
      return await attempt(request, way);
    } catch (error) {
      if (error instanceof StaleConnection) return attempt(request, way).catch((again) => fail(host, again, way));
      return fail(host, error, way);
    }
  };
}

function fail(host: string, error: unknown, { proxy }: Way): never {
  const failure = error instanceof StaleConnection ? error.cause : error;
  throw proxy === undefined ? networkFailure(host, failure) : failureThrough(proxyUrl(proxy).host, host, failure);
}

/** A kept connection that the server has closed: nothing was processed, so a new one is safe. */
class StaleConnection extends Error {}

async function attempt(request: WireRequest, way: Way): Promise<WireAnswer> {
  const outgoing = open(request, way);
  return new Promise((resolve, reject) => {
    answerTo(outgoing).then(resolve, reject);
    sendBody(outgoing, request).catch((error: unknown) => {
      // A connection that breaks while sending also ends `answerTo`, which knows whether an answer came first.
      if (error instanceof CordonError) reject(error);
      outgoing.destroy();
    });
  });
}

function open(request: WireRequest, { agent, trust }: Way): ClientRequest {
  const url = new URL(request.url);
  const length = request.body ? { 'Content-Length': String(request.body.length) } : {};
  const options = {
    method: request.method,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port,
    // As signed: the URL class must not rewrite it.
    path: request.url.slice(url.origin.length),
    headers: { 'User-Agent': 'cordon-sdk', ...request.headers, ...length },
    timeout: idleMs,
    ...(request.signal ? { signal: request.signal } : {}),
  };
  return url.protocol === 'http:' ? httpRequest(options) : httpsRequest({ ...options, ...trust, agent });
}

async function answerTo(outgoing: ClientRequest): Promise<WireAnswer> {
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve);
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const stale = outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(stale ? new StaleConnection('stale', { cause: error }) : error);
    });
    outgoing.on('timeout', () => {
      outgoing.destroy(silence(outgoing.host));
    });
  });
  const text = await textOf(incoming);
  // The server may answer before it has read everything; its answer counts, and the rest need not be sent.
  if (!outgoing.writableFinished) outgoing.destroy();
  return {
    status: incoming.statusCode ?? 0,
    header: (name) => {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    text,
  };
}

async function sendBody(outgoing: ClientRequest, request: WireRequest): Promise<void> {
  const chunks = request.body?.chunks() ?? new Uint8Array();
  if (chunks instanceof Uint8Array) outgoing.end(chunks);
  else await pipeline(Readable.from(chunks), outgoing);
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    if (!(chunk instanceof Buffer)) continue;
    size += chunk.length;
    if (size > largestAnswer) throw new Error(`the answer is larger than ${largestAnswer} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function silence(host: string): NetworkError {
  return new NetworkError(host, {
    code: 'ETIMEDOUT',
    message: `${host} was silent for ${idleMs / 1000} s.`,
    hint: 'Check the server, and the firewalls between this computer and the server.',
  });
}
