/** How one HTTP request travels: an interface for custom TLS, and `fetch` otherwise. */
import { networkFailure } from './network-failures.ts';

/** One request, ready to send. Nothing in it may change on the way: its checksum is signed. */
export interface WireRequest {
  readonly method: string;
  /** Absolute, percent-encoded. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: WireBody;
  readonly signal?: AbortSignal;
}

export interface WireBody {
  /** Bytes. */
  readonly length: number;
  /** Called once for each attempt to send. */
  chunks(): Uint8Array | AsyncIterable<Uint8Array>;
}

export interface WireAnswer {
  readonly status: number;
  /** A response header by its lower-case name. */
  header(name: string): string | undefined;
  readonly text: string;
}

/** Rejects with a CordonError of kind `network` or `aborted`. Never follows redirects: a signature covers one URL. */
export type Transport = (request: WireRequest) => Promise<WireAnswer>;

/** The platform's `fetch`, which trusts what the platform trusts. */
export const fetchTransport: Transport = async (request) => {
  try {
    const answer = await fetch(request.url, {
      method: request.method,
      headers: { ...request.headers },
      redirect: 'manual',
      ...(request.signal ? { signal: request.signal } : {}),
      ...(request.body ? { body: await wholeBody(request.body) } : {}),
    });
    const text = await answer.text();
    return { status: answer.status, header: (name) => answer.headers.get(name) ?? undefined, text };
  } catch (error) {
    throw networkFailure(new URL(request.url).host, error);
  }
};

/** `fetch` cannot stream a request over HTTP/1.1, so a streamed body is collected first. */
async function wholeBody(body: WireBody): Promise<Uint8Array<ArrayBuffer>> {
  const chunks = body.chunks();
  if (chunks instanceof Uint8Array) return new Uint8Array(chunks);
  const whole = new Uint8Array(body.length);
  let at = 0;
  for await (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
