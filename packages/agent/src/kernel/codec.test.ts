/** The codec reads back what it writes, and no bytes upset it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { permanentAddresses } from './netlink/addresses.ts';
import { chainsIn, generationIn, rulesIn, setsIn, tablesIn } from './nftables/dump.ts';
import { decodeExpression, encodeExpression } from './nftables/expressions.ts';
import { devicesIn } from './netlink/links.ts';
import {
  attributesIn,
  errnoOf,
  message,
  messagesIn,
  numberAttribute,
  numberOf,
  textAttribute,
  textOf,
} from './netlink/netlink.ts';
import type { Message } from './netlink/netlink.ts';
import { encodeBatch, messageType } from './nftables/messages.ts';
import { seenIn } from './netlink/nflog.ts';
import { rangesIn } from './nftables/sets.ts';
import type { AddressRange, Expression, Table } from './nftables/tables.ts';

const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => Buffer.from(value).toString('hex'));
const value = fc.constantFrom(1, 2, 4, 8, 16).chain(hex);
const expression: fc.Arbitrary<Expression> = fc.oneof(
  fc.record({
    kind: fc.constant('meta'),
    key: fc.constantFrom('protocol', 'iif', 'oif', 'nfproto', 'l4proto'),
  } as const),
  fc.record({
    kind: fc.constant('payload'),
    base: fc.constantFrom('network', 'transport'),
    offset: fc.nat(255),
    length: fc.integer({ min: 1, max: 16 }),
  } as const),
  fc.record({ kind: fc.constant('mask'), mask: value } as const),
  fc.record({ kind: fc.constant('compare'), is: fc.constantFrom('equal', 'different'), value } as const),
  fc.record({ kind: fc.constant('counter') } as const),
  fc.record({ kind: fc.constant('verdict'), verdict: fc.constantFrom('accept', 'drop') } as const),
  fc.record({ kind: fc.constant('reject'), with: fc.constantFrom('tcp-reset', 'admin-prohibited') } as const),
  fc.record({
    kind: fc.constant('lookup'),
    set: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 }),
  } as const),
  fc.record({ kind: fc.constant('limit'), perSecond: fc.nat(), burst: fc.nat() } as const),
  fc.record({
    kind: fc.constant('log'),
    group: fc.nat(65_535),
    bytes: fc.nat(2000),
    prefix: fc.string({ unit: 'grapheme-ascii', maxLength: 30 }),
  } as const),
);

/** Each two are a range, unless they touch the range before. */
function disjoint(ends: readonly string[]): AddressRange[] {
  const ranges: AddressRange[] = [];
  for (let at = 0; at + 1 < ends.length; at += 2) {
    const [first = '', last = ''] = ends.slice(at, at + 2);
    const before = ranges.at(-1);
    if (!before || BigInt(`0x${first}`) > BigInt(`0x${before.last}`) + 1n) ranges.push({ first, last });
  }
  return ranges;
}

describe('netlink codec', () => {
  test('every step of a rule is read as it was written', () => {
    fc.assert(
      fc.property(expression, (step) => {
        const [element] = attributesIn(encodeExpression(step));
        expect(decodeExpression(element?.value ?? Buffer.alloc(0)).step).toEqual(step);
      }),
    );
  });

  test('a table is read from its own batch as it was written', () => {
    fc.assert(
      fc.property(fc.array(fc.array(expression, { maxLength: 6 }), { maxLength: 6 }), (rules) => {
        const chain = {
          name: 'c',
          type: 'filter',
          hook: 'output',
          priority: -500,
          policy: 'drop',
          devices: [],
          rules,
        } as const;
        const table: Table = { family: 'inet', name: 't', flags: ['owner', 'persist'], chains: [chain] };
        const messages = messagesIn(encodeBatch([{ kind: 'add-table', table }], { rehearsal: false }));
        const of = (type: number): typeof messages => messages.filter((one) => one.type === type);
        expect(tablesIn(of(messageType.newTable), 't')).toEqual([{ ...table, chains: [] }]);
        expect(chainsIn(of(messageType.newChain), table)).toEqual([{ ...chain, rules: [] }]);
        expect(rulesIn(of(messageType.newRule), table).map((one) => one.rule)).toEqual(rules);
      }),
    );
  });

  test('the ranges of a set are read from the batch that adds them as they were written, however many there are', () => {
    const bytes = fc.constantFrom(4, 16);
    const ranges = bytes.chain((size) =>
      fc.uniqueArray(hex(size), { maxLength: 3000, minLength: 0 }).map((ends) => disjoint(ends.sort())),
    );
    fc.assert(
      fc.property(ranges, (list) => {
        const change = { kind: 'add-ranges', table: { family: 'inet', name: 't' }, set: 's', ranges: list } as const;
        const messages = messagesIn(encodeBatch([change], { rehearsal: false }));
        const added = messages.filter((one) => one.type === messageType.newElement);
        expect(added.every((one) => one.payload.length < 65_536)).toBe(true);
        expect(rangesIn([...added].reverse())).toEqual(list);
      }),
      { numRuns: 30 },
    );
  });

  test('the sets of a table are read from its own batch', () => {
    const sets = (['v4', 'v6'] as const).map((version) => ({ name: `s${version}`, version, ranges: [] }));
    const table: Table = { family: 'inet', name: 't', flags: [], sets, chains: [] };
    const messages = messagesIn(encodeBatch([{ kind: 'add-table', table }], { rehearsal: false }));
    const made = messages.filter((one) => one.type === messageType.newSet);
    expect(setsIn(made, table)).toEqual(sets);
    expect(setsIn(made, { family: 'inet', name: 'other' })).toEqual([]);
  });

  test('a set that does not begin and end by turns is none of ours', () => {
    const table = { family: 'inet', name: 't' } as const;
    const element = (first: string): Message[] =>
      messagesIn(
        encodeBatch([{ kind: 'add-ranges', table, set: 's', ranges: [{ first, last: 'ffffffff' }] }], {
          rehearsal: false,
        }),
      ).filter((one) => one.type === messageType.newElement);
    expect(rangesIn(element('0a000000'))).toEqual([{ first: '0a000000', last: 'ffffffff' }]);
    expect(rangesIn([...element('0a000000'), ...element('0b000000')])).toBeUndefined();
  });

  test('a step that uses a register of somebody else is foreign, so that it changes the digest', () => {
    const [element] = attributesIn(encodeExpression({ kind: 'compare', is: 'equal', value: '06' }));
    const bytes = Buffer.from(element?.value ?? []);
    const at = bytes.indexOf(numberAttribute(1, 1));
    numberAttribute(1, 2).copy(bytes, at);
    expect(decodeExpression(bytes).step).toMatchObject({ kind: 'foreign', name: 'cmp' });
  });

  test('reading is total: no bytes make it throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const messages = messagesIn(Buffer.from(bytes));
        const table = { family: 'inet', name: '' } as const;
        const all = [tablesIn(messages, ''), chainsIn(messages, table), rulesIn(messages, table), devicesIn(messages)];
        expect(all.every((list) => Array.isArray(list))).toBe(true);
        for (const one of messages) {
          errnoOf(one);
          seenIn(one);
          generationIn(one);
        }
        expect(Array.isArray(setsIn(messages, table))).toBe(true);
        rangesIn(messages);
        expect(Array.isArray(permanentAddresses(messages))).toBe(true);
        decodeExpression(Buffer.from(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  test('reading is total inside well-formed messages, too', () => {
    const family = fc.constantFrom(1, 5, 7, 2);
    fc.assert(
      fc.property(family, fc.array(fc.tuple(fc.nat(12), fc.uint8Array({ maxLength: 60 }))), (number, attributes) => {
        const payload = attributes.map(([type, bytes]) => textAttribute(type, Buffer.from(bytes).toString('latin1')));
        const header = { type: messageType.newRule, flags: 0, sequence: 1 };
        const messages = messagesIn(message(header, [Buffer.of(number, 0, 0, 0), ...payload]));
        expect(messages).toHaveLength(1);
        for (const name of ['', 'cordon']) {
          tablesIn(messages, name);
          chainsIn(messages, { family: 'inet', name });
          rulesIn(messages, { family: 'netdev', name });
          setsIn(messages, { family: 'inet', name });
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('text ends at its zero, numbers have four bytes', () => {
    expect(textOf(Buffer.from('eth0\0rest'))).toBe('eth0');
    expect(textOf(undefined)).toBe('');
    expect(numberOf(Buffer.from([0, 0, 1, 2]))).toBe(258);
    expect(numberOf(Buffer.from([1]))).toBeUndefined();
  });
});
