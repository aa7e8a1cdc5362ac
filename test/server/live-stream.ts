/** A stream of the console's events, read as a browser reads it. */
import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { LiveEvent } from '@cordon/protocol/console';
import { eventually } from '../harness/eventually.ts';
import type { TestServer } from '../harness/server.ts';

export interface LiveStream {
  readonly headers: IncomingHttpHeaders;
  /** The events received so far. */
  readonly events: readonly LiveEvent[];
  /** The first matching event, received already or later. */
  readonly next: (fits: (event: LiveEvent) => boolean) => Promise<LiveEvent>;
  /** Resolves once the server has closed the stream. */
  readonly over: () => Promise<unknown>;
  readonly close: () => void;
}

export async function openLiveStream(
  server: TestServer,
  who: { readonly headers: Readonly<Record<string, string>> },
): Promise<LiveStream> {
  const events: LiveEvent[] = [];
  let isOver = false;
  const { hostname, port } = new URL(server.url);
  const { headers } = who;
  const sent = request({ host: hostname, port, path: '/api/v1/events', headers, rejectUnauthorized: false });
  sent.end();
  const [response]: IncomingMessage[] = await once(sent, 'response');
  if (response?.statusCode !== 200) throw new Error(`The events were refused with ${response?.statusCode}.`);
  response.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().split('\n')) {
      if (line.startsWith('data: ')) events.push(JSON.parse(line.slice(6)));
    }
  });
  response.on('error', () => undefined); // We close it ourselves.
  response.on('end', () => {
    isOver = true;
  });
  // The first bytes arrive once the server has added us to its list.
  await once(response, 'data');
  return {
    headers: response.headers,
    events,
    next: (fits) => eventually('the event comes', () => events.find(fits)),
    over: () => eventually('the server hangs up', () => isOver || undefined),
    close: () => sent.destroy(),
  };
}
