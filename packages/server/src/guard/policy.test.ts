/** The guard's rules, by their messages. */
import { describe, expect, it } from 'vitest';
import { defaultSettings, judge } from './policy.ts';
import type { Situation, Target } from './policy.ts';

const quiet: Situation = { caller: 'application', recent: new Set(), isolated: 0, fleet: 1000 };

function endpoints(count: number, from = 1): Target[] {
  return Array.from({ length: count }, (_, index) => ({
    number: from + index,
    host_name: `host${from + index}`,
    protected: 0,
  }));
}

function rules(situation: Partial<Situation>, targets: readonly Target[]): string[] {
  return judge(defaultSettings, { ...quiet, ...situation }, targets).map((one) => one.rule);
}

describe('the guard, as it comes', () => {
  it('lets one endpoint pass', () => {
    expect(rules({}, endpoints(1))).toEqual([]);
  });

  it('lets a hundred different endpoints an hour pass, and not one more', () => {
    expect(rules({ recent: new Set(endpoints(99).map((one) => one.number)) }, endpoints(1, 100))).toEqual([]);
    expect(rules({ recent: new Set(endpoints(100).map((one) => one.number)) }, endpoints(1, 101))).toEqual(['budget']);
  });

  it('counts an endpoint that is isolated again and again only once', () => {
    const recent = new Set(endpoints(100).map((one) => one.number));
    expect(rules({ recent }, endpoints(1, 50))).toEqual([]);
  });

  it('lets a small fleet be cut off whole, because a share means nothing there', () => {
    expect(rules({ fleet: 20, isolated: 0 }, endpoints(20))).toEqual([]);
  });

  it('holds an act that would cut off more than half of a larger fleet', () => {
    expect(rules({ fleet: 60 }, endpoints(30))).toEqual([]);
    expect(rules({ fleet: 60 }, endpoints(31))).toEqual(['share']);
    expect(rules({ fleet: 60, isolated: 30 }, endpoints(1, 31))).toEqual(['share']);
  });

  it('names the numbers that decided', () => {
    const [reason] = judge(defaultSettings, { ...quiet, fleet: 60 }, endpoints(31));
    expect(reason?.message).toBe(
      '31 of 60 endpoints would be isolated at once (52 %); the limit is 50 % when more than 20 are isolated.',
    );
    const recent = new Set(endpoints(100).map((one) => one.number));
    const [budget] = judge(defaultSettings, { ...quiet, recent }, endpoints(2, 101));
    expect(budget?.message).toBe(
      'This would affect 2 more endpoints, 102 within an hour; the limit for one application is 100 per hour.',
    );
  });

  it('holds every act on a protected endpoint, and names it', () => {
    const [reason] = judge(defaultSettings, quiet, [{ number: 1, host_name: 'dc01', protected: 1 }]);
    expect(reason).toEqual({
      rule: 'protected',
      message: 'dc01 is protected: a second person must approve this.',
    });
  });

  it('says every reason at once', () => {
    const many = [...endpoints(101), { number: 500, host_name: 'dc01', protected: 1 as const }];
    expect(rules({ fleet: 150 }, many)).toEqual(['protected', 'budget', 'share']);
  });

  it('has nothing to say about an act that touches nobody', () => {
    expect(rules({ fleet: 0, isolated: 500 }, [])).toEqual([]);
  });
});

describe('the guard, switched off', () => {
  it('counts nothing', () => {
    expect(judge({ ...defaultSettings, enabled: false }, quiet, endpoints(5000))).toEqual([]);
  });

  it('still leaves no protected endpoint to one person', () => {
    const targets = [...endpoints(5000), { number: 9000, host_name: 'dc01', protected: 1 as const }];
    expect(judge({ ...defaultSettings, enabled: false }, quiet, targets).map((one) => one.rule)).toEqual(['protected']);
  });
});
