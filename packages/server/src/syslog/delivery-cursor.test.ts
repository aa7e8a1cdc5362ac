/** How far to go back after a connection broke, and how far delivery has come while it is open. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeliveryCursor } from './delivery-cursor.ts';

const start = { cursor: 100, auditCursor: 7 };
const clean = { isClean: true, message: '' };
const unclean = { isClean: false, message: '' };

/** A cursor that sends one event every `pause` milliseconds, from 0 on. */
function sending(count: number, pause: number): DeliveryCursor {
  const journey = new DeliveryCursor(start);
  for (let sent = 0; sent < count; sent += 1) journey.advance({ cursor: 101 + sent, auditCursor: 7 }, sent * pause);
  return journey;
}

describe('a journey', () => {
  it('has arrived nowhere new before the connection has stood for five seconds after it', () => {
    const journey = sending(1, 0);
    expect(journey.position.cursor).toBe(101);
    expect(journey.arrived(4999)).toEqual(start);
    expect(journey.arrived(6000).cursor).toBe(101);
  });

  it('goes back five seconds when the collector closed the connection, and no second too few', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 10, max: 3000 }), (count, pause) => {
        const journey = sending(count, pause);
        const now = (count - 1) * pause;
        const sentBefore = Math.max(0, Math.ceil((now - 5000) / pause));
        const { cursor } = journey.goBack(clean, now);
        // Sent again: everything of the last five seconds, and at most two seconds more.
        expect(cursor).toBeLessThanOrEqual(100 + sentBefore);
        expect(cursor).toBeGreaterThanOrEqual(100 + Math.max(0, Math.ceil((now - 7000) / pause)));
      }),
    );
  });

  it('goes back sixteen minutes when nobody knows since when the collector was gone', () => {
    const journey = sending(3600, 1000);
    expect(journey.goBack(unclean, 3_599_000).cursor).toBeLessThanOrEqual(100 + 3599 - 960);
    const short = sending(60, 1000);
    expect(short.goBack(unclean, 59_000)).toEqual(start);
  });

  it('stays where it is when nothing was sent lately', () => {
    const journey = sending(10, 100);
    expect(journey.goBack(clean, 60_000).cursor).toBe(110);
  });
});
