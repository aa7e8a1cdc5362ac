/** A webhook receiver: real HTTPS on loopback, with answers that a test sets and its own check of signatures. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { selfSigned } from '../cli/certificates.ts';
import { eventually } from '../harness/eventually.ts';

/** One received call. */
export interface Call {
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly id: number;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

export type Behaviour = (request: IncomingMessage, response: ServerResponse, call: Call) => void;

export const takes: Behaviour = (_request, response) => {
  response.writeHead(204).end();
};

export class Receiver {
  readonly calls: Call[] = [];
  /** For the webhook: the root of its certificate. */
  readonly ca: string;
  behave: Behaviour = takes;
  readonly #server;

  private constructor() {
    const { certificate, key } = selfSigned(Date.now());
    this.ca = certificate;
    this.#server = createServer({ cert: certificate, key }, (request, response) => {
      void this.#take(request, response);
    });
  }

  static async open(port = 0): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.#server.listen(port, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}/hook?tenant=7`;
  }

  /** Ids of the accepted events, in order. */
  get ids(): number[] {
    return this.calls.map((call) => call.id);
  }

  /** Waits for `count` calls of a kind, and returns all of that kind. */
  got(count: number, type: string): Promise<Call[]> {
    return eventually(`${count} calls with ${type} come`, () => {
      const found = this.calls.filter((call) => call.type === type);
      return found.length >= count ? found : undefined;
    });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(Buffer.from(piece));
    const text = Buffer.concat(pieces).toString('utf8');
    const { id, type, data } = JSON.parse(text);
    const call = { headers: request.headers, text, id, type, data };
    this.calls.push(call);
    this.behave(request, response, call);
  }
}

/** Verification by the specification of Standard Webhooks: throws unless one of the signatures is valid. */
export function verifyStandardWebhook(secret: string, { headers, text }: Call, now = Date.now()): void {
  const id = String(headers['webhook-id']);
  const timestamp = String(headers['webhook-timestamp']);
  if (Math.abs(now / 1000 - Number(timestamp)) > 300) throw new Error('The timestamp is too old or too new.');
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const expected = createHmac('sha256', key)
    .update(Buffer.from(`${id}.${timestamp}.${text}`))
    .digest();
  const given = String(headers['webhook-signature']).split(' ');
  const isGood = given.some((one) => {
    const [version, signature = ''] = one.split(',');
    const bytes = Buffer.from(signature, 'base64');
    return version === 'v1' && bytes.length === expected.length && timingSafeEqual(bytes, expected);
  });
  if (!isGood) throw new Error('No signature is good.');
}
