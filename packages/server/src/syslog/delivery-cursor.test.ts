/** How far to go back after a connection broke, and how far delivery has come while it is open. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeliveryCursor } from './delivery-cursor.ts';

const start = { cursor: 100, auditCursor: 7 };
const clean = { isClean: true, message: '' };
const unclean = { isClean: false, message: '' };

/** A cursor that sends one event every `pause` milliseconds, from 0 on. */
function sending(count: number, pause: number): DeliveryCursor {
  const sent = new DeliveryCursor(start);
  for (let step = 0; step < count; step += 1) sent.advance({ cursor: 101 + step, auditCursor: 7 }, step * pause);
  return sent;
}

describe('a delivery cursor', () => {
  it('has arrived nowhere new before the connection has stood for five seconds after it', () => {
    const sent = sending(1, 0);
    expect(sent.position.cursor).toBe(101);
    expect(sent.arrived(4999)).toEqual(start);
    expect(sent.arrived(6000).cursor).toBe(101);
  });

  it('goes back five seconds when the collector closed the connection, and no second too few', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 10, max: 3000 }), (count, pause) => {
        const sent = sending(count, pause);
        const now = (count - 1) * pause;
        const sentBefore = Math.max(0, Math.ceil((now - 5000) / pause));
        const { cursor } = sent.goBack(clean, now);
        // Sent again: everything of the last five seconds, and at most two seconds more.
        expect(cursor).toBeLessThanOrEqual(100 + sentBefore);
        expect(cursor).toBeGreaterThanOrEqual(100 + Math.max(0, Math.ceil((now - 7000) / pause)));
      }),
    );
  });

  it('goes back sixteen minutes when nobody knows since when the collector was gone', () => {
    const sent = sending(3600, 1000);
    expect(sent.goBack(unclean, 3_599_000).cursor).toBeLessThanOrEqual(100 + 3599 - 960);
    const short = sending(60, 1000);
    expect(short.goBack(unclean, 59_000)).toEqual(start);
  });

  it('stays where it is when nothing was sent lately', () => {
    const sent = sending(10, 100);
    expect(sent.goBack(clean, 60_000).cursor).toBe(110);
  });
});
