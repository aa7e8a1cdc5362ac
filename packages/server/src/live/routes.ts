/** GET events: server-sent events while a live page is open. */
import { consolePaths } from '@cordon/protocol/console';
import type { LiveEvent } from '@cordon/protocol/console';
import { scopeOf, to } from '../access/request-access.ts';
import { browserHeaders } from '../http/browser/browser-headers.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import { personOf } from '../http/console.ts';
import type { Http } from '../http/server.ts';
import type { Live, Window } from './live.ts';

/** Windows per node; each holds a TLS connection. */
const maxViewers = 500;
/** So that one account cannot take every place. */
const maxOfOne = 30;
/** Keeps proxies from closing a quiet stream. */
const beatMilliseconds = 20_000;
/**
 * The browser asks again after this time, with the session it then has: no stream stays open without a valid session.
 */
const longestMilliseconds = 15 * 60_000;
/** A client that does not read is disconnected; the browser reconnects and reloads everything. */
const maxQueued = 65_536;

export function liveRoutes(scope: Http, live: Live): void {
  const schema = { summary: 'Changes as they happen: server-sent events', tags: ['live'] };
  scope.get(consolePaths.events, { schema, ...to('read', 'agents') }, (request, reply) => {
    const person = personOf(request);
    if (live.viewersOf(person.user) >= maxOfOne) {
      throw new ConsoleRefusal(
        503,
        'too-many',
        `${person.user} already has ${maxOfOne} live windows open; close some.`,
      );
    }
    if (live.viewers >= maxViewers) {
      throw new ConsoleRefusal(503, 'too-many', `This server already has ${maxViewers} live windows open.`);
    }
    reply.hijack();
    const stream = reply.raw;
    stream.writeHead(200, {
      // A hijacked reply loses the headers that hooks have set.
      ...browserHeaders,
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    });
    const write = (text: string): void => {
      if (stream.writableLength > maxQueued) stream.destroy();
      else stream.write(text);
    };
    const viewer: Window = {
      session: person.session,
      user: person.user,
      scope: scopeOf(request),
      send: (event: LiveEvent) => write(`data: ${JSON.stringify(event)}\n\n`),
      end: () => stream.end(),
    };
    const beat = setInterval(() => write(':\n\n'), beatMilliseconds);
    const over = setTimeout(() => stream.end(), longestMilliseconds);
    stream.on('error', () => stream.destroy()); // The client disconnected; 'close' follows.
    stream.on('close', () => {
      clearInterval(beat);
      clearTimeout(over);
      live.remove(viewer);
    });
    live.add(viewer);
    write('retry: 2000\n\n');
  });
}
