/** Decides what an act does, from data alone. */
import { describe, expect, it } from 'vitest';
import type { Act } from '@cordon/protocol/automation';
import type { ActOptions } from '../act-table/act-table.ts';
import { decide } from './decide.ts';
import type { Candidate, Decision } from './decide.ts';

const now = 1_700_000_000_000;

function candidate(number: number, change: Partial<Candidate> = {}): Candidate {
  return {
    number,
    can_isolate: 1,
    desired_installed: 1,
    desired_isolation: 'normal',
    isolation_epoch: 0,
    reported_isolation: 'normal',
    reported_epoch: 0,
    desired_deadline: null,
    desired_profile: null,
    desired_message: null,
    ...change,
  };
}

function decided(act: Act, agent: Candidate): Decision<Candidate> | undefined {
  return decide({ act, allowMultiple: false, options: {} }, [agent], now)[0];
}

const isolated = {
  desired_isolation: 'isolated',
  isolation_epoch: 2,
  reported_isolation: 'isolated',
  reported_epoch: 2,
} as const;

describe('an act', () => {
  it('on nobody does nothing', () => {
    expect(decide({ act: 'isolate', allowMultiple: false, options: {} }, [], now)).toEqual([]);
  });

  it('on several agents is refused unless several were allowed, and the refusal says how many matched', () => {
    const several = [candidate(1), candidate(2), candidate(3)];
    expect(() => decide({ act: 'isolate', allowMultiple: false, options: {} }, several, now)).toThrow(
      '3 agents match and allow_multiple_match is false, so nothing was done. Select one agent more exactly, or allow several.',
    );
    expect(decide({ act: 'isolate', allowMultiple: true, options: {} }, several, now)).toHaveLength(3);
  });

  it('counts agents that cannot be commanded when it asks whether several match', () => {
    const both = [candidate(1), candidate(2, { can_isolate: 0 })];
    expect(() => decide({ act: 'isolate', allowMultiple: false, options: {} }, both, now)).toThrow(
      expect.objectContaining({ reason: 'several-match' }),
    );
  });

  it('leaves out agents that cannot be commanded, whatever the act is', () => {
    for (const act of ['isolate', 'release', 'relocate', 'uninstall'] as const) {
      expect(decide({ act, allowMultiple: true, options: {} }, [candidate(1, { can_isolate: 0 })], now)).toEqual([]);
    }
  });

  it('keeps the agents in the order in which they matched', () => {
    const decisions = decide({ act: 'isolate', allowMultiple: true, options: {} }, [candidate(7), candidate(3)], now);
    expect(decisions.map((one) => one.agent.number)).toEqual([7, 3]);
  });
});

describe('isolating', () => {
  it('changes the desired state of an endpoint that is normal', () => {
    expect(decided('isolate', candidate(1))).toMatchObject({ changes: true, held: false });
  });

  it('changes nothing while the endpoint is being isolated', () => {
    expect(decided('isolate', candidate(1, { desired_isolation: 'isolated', isolation_epoch: 2 }))).toMatchObject({
      changes: false,
      held: false,
    });
  });

  it('is done at once where the endpoint is isolated', () => {
    expect(decided('isolate', candidate(1, isolated))).toMatchObject({ changes: false, held: true });
  });
});

describe('isolating an endpoint that is isolated', () => {
  const agent = candidate(1, { ...isolated, desired_deadline: now + 60_000, desired_profile: 'dns' });
  const changes = (options: ActOptions): boolean | undefined =>
    decide({ act: 'isolate', allowMultiple: false, options }, [agent], now)[0]?.changes;

  it('changes nothing where it states what is so, or nothing', () => {
    expect([changes({}), changes({ forSeconds: 60, profile: 'dns' })]).toEqual([false, false]);
  });

  it('changes what it states otherwise', () => {
    expect([changes({ forSeconds: 61 }), changes({ profile: 'none' }), changes({ message: 'Call us.' })]).toEqual([
      true,
      true,
      true,
    ]);
  });
});

describe('releasing', () => {
  it('changes the desired state of an endpoint that is isolated, or on the way there', () => {
    expect(decided('release', candidate(1, isolated))).toMatchObject({ changes: true, held: false });
    expect(decided('release', candidate(1, { desired_isolation: 'isolated', isolation_epoch: 2 }))).toMatchObject({
      changes: true,
    });
  });

  it('is done at once where the endpoint is normal', () => {
    expect(decided('release', candidate(1))).toMatchObject({ changes: false, held: true });
  });
});

describe('uninstalling', () => {
  it('is requested once', () => {
    const decisions = decide(
      { act: 'uninstall', allowMultiple: true, options: {} },
      [candidate(1), candidate(2, { desired_installed: 0 })],
      now,
    );
    expect(decisions.map((one) => one.changes)).toEqual([true, false]);
  });
});
