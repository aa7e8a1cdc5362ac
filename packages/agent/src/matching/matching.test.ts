/** The list of files: how it follows the enforcer's revisions, and what the packed index answers. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { FileRule } from '../ipc/worker-messages.ts';
import { RuleIndex, packRules } from './rule-index.ts';
import { RuleList } from './rule-list.ts';

const now = 1_800_000_000_000;

function digestOf(text: string): Buffer {
  return createHash('sha1').update(text).digest();
}

function ruleFor(text: string, also: Partial<FileRule> = {}): FileRule {
  const sha1 = digestOf(text).toString('hex').toUpperCase();
  return { type: 'file', sha1, size: text.length, action: 'block', expiresAt: null, confirmed: false, ...also };
}

function indexOf(...rules: FileRule[]): RuleIndex {
  return new RuleIndex(packRules(rules, now));
}

test('an empty list holds no size and no hash', () => {
  const index = indexOf();
  expect(index.count).toBe(0);
  expect(index.canHold(0)).toBe(false);
  expect(index.find(digestOf('any'), now)).toBeUndefined();
});

test('a rule comes back as it was put in', () => {
  const rules = [
    ruleFor('one', { action: 'log', expiresAt: now + 1 }),
    ruleFor('two', { action: 'quarantine', confirmed: true }),
    ruleFor('three', { type: 'file_sha1', size: null }),
  ];
  const index = indexOf(...rules);
  expect(['one', 'two', 'three'].map((text) => index.find(digestOf(text), now))).toEqual(rules);
});

test('only listed sizes need a hash', () => {
  const index = indexOf(ruleFor('four'), ruleFor('', { size: 0 }), ruleFor('huge', { size: 2 ** 45 + 4096 }));
  expect([0, 4, 2 ** 45 + 4096].every((size) => index.canHold(size))).toBe(true);
  expect([1, 5, 2 ** 45, 4096].some((size) => index.canHold(size))).toBe(false);
});

test('with a hash of unknown size on the list, every file needs a hash', () => {
  const index = indexOf(ruleFor('four'), ruleFor('bare', { type: 'file_sha1', size: null }));
  expect(index.canHold(123_456)).toBe(true);
});

test('a rule ends at its very time, also in an index that was packed before', () => {
  const index = indexOf(ruleFor('soon over', { expiresAt: now + 1000 }));
  expect(index.find(digestOf('soon over'), now + 999)).toBeDefined();
  expect(index.find(digestOf('soon over'), now + 1000)).toBeUndefined();
});

test('what has expired already is not packed, so its size costs no hash', () => {
  const index = indexOf(ruleFor('over', { expiresAt: now }));
  expect(index.canHold(4)).toBe(false);
});

test('20,000 rules are all found, and nothing else is', () => {
  const texts = Array.from({ length: 20_000 }, (_, number) => `file ${number}`);
  const packed = packRules(
    texts.map((text, number) => ruleFor(text, { size: number * 4096 })),
    now,
  );
  const index = new RuleIndex(packed);
  expect(packed.byteLength).toBeLessThan(2_000_000);
  expect(texts.filter((text) => index.find(digestOf(text), now) === undefined)).toEqual([]);
  expect(texts.filter((text) => index.find(digestOf(`${text}!`), now) !== undefined)).toEqual([]);
  expect(texts.filter((_, number) => !index.canHold(number * 4096) || index.canHold(number * 4096 + 1))).toEqual([]);
});

test('digests that begin alike are distinguished', () => {
  const start = 'AB'.repeat(19);
  const rules = ['00', '01', '02'].map((end) => ruleFor('x', { sha1: start + end, size: null }));
  const index = indexOf(...rules);
  expect(index.find(Buffer.from(`${start}01`, 'hex'), now)?.sha1).toBe(`${start}01`);
  expect(index.find(Buffer.from(`${start}03`, 'hex'), now)).toBeUndefined();
});

test('a list is replaced as a whole', () => {
  const list = new RuleList();
  expect(list.revision).toBe(0);
  list.replace(7, [ruleFor('a'), ruleFor('b')]);
  list.replace(9, [ruleFor('c')]);
  expect([...list.rules()]).toEqual([ruleFor('c')]);
  expect(list.revision).toBe(9);
});

test('a change puts, replaces and removes, and counts on', () => {
  const list = new RuleList();
  list.replace(7, [ruleFor('a'), ruleFor('b')]);
  const put = [ruleFor('b', { action: 'log' }), ruleFor('c')];
  expect(list.change({ after: 7, revision: 8, put, remove: [ruleFor('a').sha1] })).toBe(true);
  expect([...list.rules()]).toEqual(put);
  expect(list.revision).toBe(8);
});

test('a change that follows another revision changes nothing', () => {
  const list = new RuleList();
  list.replace(7, [ruleFor('a')]);
  expect(list.change({ after: 8, revision: 9, put: [], remove: [ruleFor('a').sha1] })).toBe(false);
  expect([...list.rules()]).toEqual([ruleFor('a')]);
  expect(list.revision).toBe(7);
});
