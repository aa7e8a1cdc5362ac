/** Isolation from desired state and report: every combination, as data. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isolationOf } from './isolation.ts';
import type { IsolationFacts } from './isolation.ts';

function facts(change: Partial<IsolationFacts>): IsolationFacts {
  const desired = { desired_isolation: 'normal', isolation_epoch: 0 } as const;
  const reported = { reported_isolation: 'normal', reported_epoch: 0 } as const;
  return { can_isolate: 1, ...desired, ...reported, ...change };
}

describe('the isolation of an endpoint is', () => {
  it('normal when nothing was ever requested and nothing reported', () => {
    expect(isolationOf(facts({}))).toBe('normal');
  });

  it('isolating from the request until a report of that epoch', () => {
    expect(isolationOf(facts({ desired_isolation: 'isolated', isolation_epoch: 2, reported_epoch: 1 }))).toBe(
      'isolating',
    );
  });

  it('isolating while the report of that very epoch still says normal', () => {
    expect(isolationOf(facts({ desired_isolation: 'isolated', isolation_epoch: 2, reported_epoch: 2 }))).toBe(
      'isolating',
    );
  });

  it('isolating while the kernel is not known to hold it', () => {
    const unproven = { reported_isolation: 'unproven', reported_epoch: 2 } as const;
    expect(isolationOf(facts({ desired_isolation: 'isolated', isolation_epoch: 2, ...unproven }))).toBe('isolating');
  });

  it('isolated once it was reported for the current desired state', () => {
    const held = { reported_isolation: 'isolated', reported_epoch: 2 } as const;
    expect(isolationOf(facts({ desired_isolation: 'isolated', isolation_epoch: 2, ...held }))).toBe('isolated');
  });

  it('isolated still after a later order that changed something else', () => {
    const held = { reported_isolation: 'isolated', reported_epoch: 5 } as const;
    expect(isolationOf(facts({ desired_isolation: 'isolated', isolation_epoch: 2, ...held }))).toBe('isolated');
  });

  it('not isolated by a report from before the desired state', () => {
    const older = { reported_isolation: 'isolated', reported_epoch: 3 } as const;
    expect(isolationOf(facts({ desired_isolation: 'isolated', isolation_epoch: 4, ...older }))).toBe('isolating');
  });

  it('releasing until normal was reported for the current desired state', () => {
    const before = { reported_isolation: 'isolated', reported_epoch: 2 } as const;
    expect(isolationOf(facts({ isolation_epoch: 3, ...before }))).toBe('releasing');
    expect(isolationOf(facts({ isolation_epoch: 3, reported_epoch: 3 }))).toBe('normal');
  });

  it('unsupported whatever is desired and reported, when the endpoint cannot be isolated', () => {
    const held = { reported_isolation: 'isolated', reported_epoch: 2 } as const;
    expect(isolationOf(facts({ can_isolate: 0, desired_isolation: 'isolated', ...held }))).toBe('unsupported');
  });

  it('never isolated or normal but by a report that says just that, of at least the epoch of the desired state', () => {
    const any = fc.record({
      can_isolate: fc.constantFrom<0 | 1>(0, 1),
      desired_isolation: fc.constantFrom('normal' as const, 'isolated' as const),
      isolation_epoch: fc.nat(5),
      reported_isolation: fc.constantFrom('normal' as const, 'isolated' as const, 'unproven' as const),
      reported_epoch: fc.nat(5),
    });
    fc.assert(
      fc.property(any, (one) => {
        const isolation = isolationOf(one);
        if (isolation !== 'isolated' && isolation !== 'normal') return;
        expect(one.reported_isolation).toBe(isolation);
        expect(one.desired_isolation).toBe(isolation);
        expect(one.reported_epoch).toBeGreaterThanOrEqual(one.isolation_epoch);
      }),
    );
  });
});
