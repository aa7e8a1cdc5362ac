/** Streams a long list inside an envelope, page by page, so that neither memory nor the event loop feels its length. */
import { PassThrough } from 'node:stream';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';

/** Whoever takes nothing for this long is cut off: a snapshot of the database is held open for them. */
const patienceMilliseconds = 30_000;

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

/**
 * Sends what `pages` hands out. An error on the way ends the connection: a list that was cut short must not look
 * like a whole one.
 */
export async function sendList(
  reply: FastifyReply,
  frame: Frame,
  pages: (each: (page: readonly unknown[]) => Promise<void>) => Promise<void>,
): Promise<void> {
  const body = new PassThrough();
  let separator = frame.before;
  const producing = pages(async (page) => {
    if (body.destroyed) throw new Error('The client has gone.');
    if (page.length === 0) return;
    const text = separator + page.map((item) => JSON.stringify(item)).join(',');
    separator = ',';
    if (!body.write(text)) await room(body);
    // A drain comes without leaving the turn when the kernel takes everything; others are waiting.
    await setImmediate();
  });
  producing.then(
    () => body.end(separator === frame.before ? frame.before + frame.after : frame.after),
    (error: unknown) => body.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  await reply.type('application/json; charset=utf-8').send(body);
}

async function room(body: PassThrough): Promise<void> {
  const signal = AbortSignal.timeout(patienceMilliseconds);
  await Promise.race([once(body, 'drain', { signal }), once(body, 'close', { signal })]);
}
