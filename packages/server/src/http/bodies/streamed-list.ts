/** Streams a long list page by page, without load on memory or event loop. */
import { PassThrough } from 'node:stream';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';

/** A client that reads nothing for this long is disconnected: it keeps a snapshot of the database open. */
const drainTimeoutMs = 30_000;

/** Where the list goes in the text of an empty envelope. */
export interface Frame {
  readonly before: string;
  readonly after: string;
}

/** Splits `envelope`, whose list is empty, around that list. */
export function frameAround(envelope: unknown): Frame {
  const [before = '', after = ''] = JSON.stringify(envelope).split('[]');
  return { before: `${before}[`, after: `]${after}` };
}

/** Sends what `pages` yields. An error on the way ends the connection: a truncated list must not look complete. */
export async function sendList(
  reply: FastifyReply,
  frame: Frame,
  pages: (each: (page: readonly unknown[]) => Promise<void>) => Promise<void>,
): Promise<void> {
  const body = new PassThrough();
  let separator = frame.before;
  const producing = pages(async (page) => {
    if (body.destroyed) throw new Error('The client disconnected.');
    if (page.length === 0) return;
    const text = separator + page.map((item) => JSON.stringify(item)).join(',');
    separator = ',';
    if (!body.write(text)) await room(body);
    // A drain arrives in the same turn when the kernel accepts everything; other requests are waiting.
    await setImmediate();
  });
  producing.then(
    () => body.end(separator === frame.before ? frame.before + frame.after : frame.after),
    (error: unknown) => body.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  await reply.type('application/json; charset=utf-8').send(body);
}

async function room(body: PassThrough): Promise<void> {
  const signal = AbortSignal.timeout(drainTimeoutMs);
  await Promise.race([once(body, 'drain', { signal }), once(body, 'close', { signal })]);
}
