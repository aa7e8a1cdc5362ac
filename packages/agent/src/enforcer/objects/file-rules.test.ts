/** The rules for files: what each object means here; changes must lead to the same rules as a full rebuild. */
import type { ObjectEntry, ObjectName } from '@cordon/protocol/channel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { View } from '../../matching/effective-action.ts';
import type { FileRule } from '../../ipc/worker-messages.ts';
import { fileRule } from './file-rules.ts';
import { RuleSet } from './rule-set.ts';
import type { RulesMessage } from './rule-set.ts';

const one = 'A'.repeat(40);
const enforcing: View = { group: 'servers', mode: 'enforce' };

function object(given: Partial<ObjectEntry>): ObjectEntry {
  return { type: 'file_sha1', content: one, action: 'block', size: null, sha256: null, expiresAt: null, ...given };
}

describe('a rule', () => {
  test.each<[string, Partial<ObjectEntry>, View, FileRule['action']]>([
    ['does what the object says where it is enforced', {}, enforcing, 'block'],
    ['only logs where the mode is log', { action: 'quarantine' }, { group: 'servers', mode: 'log' }, 'log'],
    ['only logs outside the canary', { enforceIn: ['canary'] }, enforcing, 'log'],
    ['enforces inside the canary', { enforceIn: ['canary', 'servers'] }, enforcing, 'block'],
    ['enforces nowhere when the canary is empty', { enforceIn: [] }, enforcing, 'log'],
  ])('%s', (_what, given, view, action) => {
    expect(fileRule([object(given)], view, 0)?.action).toBe(action);
  });

  test('for a content that is listed twice takes the stronger action, as long as that lasts', () => {
    const listed = [
      object({ type: 'file', action: 'quarantine', size: 7, expiresAt: 100 }),
      object({ type: 'file_sha1', action: 'block', confirmed: true }),
    ];
    const strong = { type: 'file', sha1: one, size: 7, action: 'quarantine', expiresAt: 100, confirmed: false };
    expect(fileRule(listed, enforcing, 99)).toEqual(strong);
    const weak = { type: 'file_sha1', sha1: one, size: null, action: 'block', expiresAt: null, confirmed: true };
    expect(fileRule(listed, enforcing, 100)).toEqual(weak);
  });

  test('is none for what has expired, or names no file', () => {
    expect(fileRule([object({ expiresAt: 5 })], enforcing, 5)).toBeUndefined();
    expect(fileRule([object({ content: 'not a digest' })], enforcing, 0)).toBeUndefined();
    expect(fileRule([object({ type: 'ip', content: one })], enforcing, 0)).toBeUndefined();
    expect(fileRule([], enforcing, 0)).toBeUndefined();
  });
});

class List {
  readonly #held = new Map<string, ObjectEntry>();

  set(given: ObjectEntry): void {
    this.#held.set(`${given.type} ${given.content}`, given);
  }

  delete({ type, content }: ObjectName): void {
    this.#held.delete(`${type} ${content}`);
  }

  list(): ObjectEntry[] {
    return [...this.#held.values()];
  }

  get({ type, content }: ObjectName): ObjectEntry | undefined {
    return this.#held.get(`${type} ${content}`);
  }
}

/** A worker, as far as rules go. */
class Mirror {
  readonly rules = new Map<string, FileRule>();
  revision = 0;

  take(message: RulesMessage | undefined): void {
    if (!message) return;
    if (message.type === 'rules') this.rules.clear();
    else if (message.after !== this.revision) throw new Error('This change follows another revision.');
    this.revision = message.revision;
    for (const sha1 of message.type === 'rules' ? [] : message.remove) this.rules.delete(sha1);
    for (const rule of message.type === 'rules' ? message.files : message.put) this.rules.set(rule.sha1, rule);
  }
}

const contents = ['A', 'B', 'C', 'D'].map((digit) => digit.repeat(40));
const name = fc.record<ObjectName>({
  type: fc.constantFrom('file', 'file_sha1', 'ip'),
  content: fc.constantFrom(...contents),
});
const step = fc.oneof(
  fc.record({ do: fc.constant('remove' as const), name }),
  fc.record({
    do: fc.constant('put' as const),
    name,
    action: fc.constantFrom('log' as const, 'block' as const, 'quarantine' as const),
    expiresAt: fc.option(fc.nat(60), { nil: null }),
    enforceIn: fc.option(fc.subarray(['servers', 'canary']), { nil: undefined }),
  }),
  fc.record({ do: fc.constant('wait' as const), milliseconds: fc.integer({ min: 1, max: 30 }) }),
  fc.record({
    do: fc.constant('look' as const),
    group: fc.constantFrom('servers', 'canary'),
    mode: fc.constantFrom('off' as const, 'log' as const, 'enforce' as const),
  }),
);

describe('a set of rules', () => {
  test('sent change by change equals the rules computed from the whole list', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const listed = new List();
        let [now, view] = [0, enforcing];
        const set = new RuleSet({ listed, view, firstRevision: 1, now });
        const mirror = new Mirror();
        mirror.take(set.whole());
        for (const given of steps) {
          if (given.do === 'look') view = { group: given.group, mode: given.mode };
          if (given.do === 'look') mirror.take(set.look(view, now));
          if (given.do === 'wait') now += given.milliseconds;
          if (given.do === 'put') {
            const { action, expiresAt, enforceIn } = given;
            listed.set(object({ ...given.name, action, expiresAt, ...(enforceIn ? { enforceIn } : {}) }));
          }
          if (given.do === 'remove') listed.delete(given.name);
          if (given.do === 'put' || given.do === 'remove') mirror.take(set.changed([given.name], now));
          mirror.take(set.expire(now));
          const whole = new RuleSet({ listed, view, firstRevision: 1, now });
          expect(new Map(mirror.rules)).toEqual(new Map(whole.rules().map((rule) => [rule.sha1, rule])));
          expect(mirror.revision).toBe(set.revision);
          expect(set.nextExpiry).toBe(whole.nextExpiry);
        }
      }),
    );
  });

  test('says one change of 20,000 in one entry', () => {
    const listed = new List();
    for (let index = 0; index < 20_000; index += 1) {
      listed.set(object({ content: index.toString(16).toUpperCase().padStart(40, '0') }));
    }
    const set = new RuleSet({ listed, view: enforcing, firstRevision: 5, now: 0 });
    expect(set.size).toBe(20_000);
    listed.set(object({ content: one }));
    expect(set.changed([{ type: 'file_sha1', content: one }], 0)).toMatchObject({
      type: 'rules-changed',
      after: 5,
      revision: 6,
      put: [{ sha1: one }],
      remove: [],
    });
    expect(set.changed([{ type: 'ip', content: '192.0.2.1' }], 0)).toBeUndefined();
  });
});
