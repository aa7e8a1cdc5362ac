/** How a list becomes kernel entries: pure, and never more or less than what is listed. */
import type { ObjectEntry } from '@cordon/protocol/channel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { entriesFrom } from './entries.ts';
import type { NetworkSettings } from './entries.ts';
import { Matcher } from '../names/matcher.ts';
import { exemptAddresses } from './exempt-addresses.ts';
import { covers, joined, networkIn, without } from './spans.ts';
import type { Span } from './spans.ts';
import { namesState, networkState } from './status.ts';

const enforce: NetworkSettings = { group: 'default', network: 'enforce' };
const none = { gateways: [], own: [] };

function listed(content: string, more: Partial<ObjectEntry> = {}): ObjectEntry {
  return { type: 'ip', content, action: 'block', size: null, sha256: null, expiresAt: null, ...more };
}

function setsOf(
  objects: readonly ObjectEntry[],
  { settings = enforce, now = 0, kept = none }: { settings?: NetworkSettings; now?: number; kept?: typeof none } = {},
): Record<string, string[]> {
  const { sets } = entriesFrom(objects, { settings, now, kept: exemptAddresses(kept) });
  return Object.fromEntries(sets.map((set) => [set.name, set.ranges.map(({ first, last }) => `${first}-${last}`)]));
}

const span: fc.Arbitrary<Span> = fc
  .tuple(fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: 0n, max: 20n }))
  .map(([first, more]) => ({ first, last: first + more }));
const spans = fc.array(span, { maxLength: 20 });

function holds(list: readonly Span[], at: bigint): boolean {
  return list.some(({ first, last }) => first <= at && at <= last);
}

function inRange({ first, last }: { first: string; last: string }, address: bigint): boolean {
  return BigInt(`0x${first}`) <= address && address <= BigInt(`0x${last}`);
}

describe('stretches of addresses', () => {
  test('joined ones hold the same addresses, sorted, apart from one another', () => {
    fc.assert(
      fc.property(spans, (list) => {
        const result = joined(list);
        for (let at = 0n; at < 330n; at += 1n) expect(covers(result, at)).toBe(holds(list, at));
        for (const [index, one] of result.entries()) {
          expect(one.first <= one.last).toBe(true);
          expect(index === 0 || one.first > (result[index - 1]?.last ?? 0n) + 1n).toBe(true);
        }
      }),
    );
  });

  test('without others they hold what they held and the others do not', () => {
    fc.assert(
      fc.property(spans, spans, (list, others) => {
        const result = without(joined(list), joined(others));
        for (let at = 0n; at < 330n; at += 1n) {
          expect(covers(result, at)).toBe(holds(list, at) && !holds(others, at));
        }
        expect(result).toEqual(joined(result));
      }),
    );
  });
});

describe('entries', () => {
  test('an address, a network, both versions, both actions', () => {
    const objects = [
      listed('192.0.2.7'),
      listed('198.51.100.0/24', { action: 'log' }),
      listed('2001:db8::/32'),
      listed('2001:db9::1', { action: 'log' }),
      listed('ff'.repeat(20), { type: 'file_sha1' }),
    ];
    expect(setsOf(objects)).toEqual({
      block4: ['c0000207-c0000207'],
      block6: ['20010db8000000000000000000000000-20010db8ffffffffffffffffffffffff'],
      log4: ['c6336400-c63364ff'],
      log6: ['20010db9000000000000000000000001-20010db9000000000000000000000001'],
    });
  });

  test('neighbours and overlaps become one; what is blocked is not logged besides', () => {
    const objects = [
      listed('192.0.2.0/25'),
      listed('192.0.2.128/25'),
      listed('192.0.2.9'),
      listed('192.0.0.0/22', { action: 'log' }),
    ];
    expect(setsOf(objects)).toMatchObject({
      block4: ['c0000200-c00002ff'],
      log4: ['c0000000-c00001ff', 'c0000300-c00003ff'],
    });
  });

  test('in the mode `log`, and in groups that a canary leaves out, everything is logged; off is nothing', () => {
    const objects = [listed('192.0.2.7')];
    const logged = { block4: [], log4: ['c0000207-c0000207'] };
    expect(setsOf(objects, { settings: { group: 'default', network: 'log' } })).toMatchObject(logged);
    expect(setsOf([listed('192.0.2.7', { enforceIn: ['canary'] })])).toMatchObject(logged);
    expect(setsOf([listed('192.0.2.7', { enforceIn: ['canary', 'default'] })])).toMatchObject({ log4: [] });
    expect(setsOf(objects, { settings: { group: 'default', network: 'off' } })).toMatchObject({ block4: [], log4: [] });
  });

  test('lists what is left open object by object: first those left open wholly, then those with a gap', () => {
    const objects = [
      listed('10.0.0.0/8'),
      listed('192.0.2.7'),
      listed('10.9.0.1'),
      listed('fe80::7', { action: 'log' }),
      listed('2001:db8::/32'),
    ];
    const kept = exemptAddresses({ gateways: ['10.9.0.1'], own: ['0a090002', '20010db8000000000000000000000001'] });
    const { leftOpen } = entriesFrom(objects, { settings: enforce, now: 0, kept });
    expect(leftOpen).toEqual({
      objects: [
        { content: '10.9.0.1', whole: true, what: '10.9.0.1 (a server)' },
        { content: 'fe80::7', whole: true, what: 'fe80::/10 (the link itself)' },
        { content: '10.0.0.0/8', whole: false, what: '10.9.0.1 (a server), 10.9.0.2 (of this host)' },
        { content: '2001:db8::/32', whole: false, what: '2001:db8::1 (of this host)' },
      ],
      more: 0,
    });
    const many = Array.from({ length: 70 }, (_, index) => listed(`127.0.0.${index}`));
    const bounded = entriesFrom(many, { settings: enforce, now: 0, kept }).leftOpen;
    expect([bounded.objects.length, bounded.more]).toEqual([50, 20]);
  });

  test('what has expired is gone, and the next that will is known', () => {
    const objects = [listed('192.0.2.1', { expiresAt: 1000 }), listed('192.0.2.3', { expiresAt: 2000 })];
    expect(setsOf(objects, { now: 999 })['block4']).toHaveLength(2);
    expect(setsOf(objects, { now: 1000 })['block4']).toEqual(['c0000203-c0000203']);
    expect(entriesFrom(objects, { settings: enforce, now: 1000, kept: [] }).nextExpiry).toBe(2000);
    expect(entriesFrom(objects, { settings: enforce, now: 2000, kept: [] }).nextExpiry).toBeUndefined();
  });

  test('whatever is listed, servers, loopback, own addresses and neighbour discovery are not in it', () => {
    const network = fc.oneof(
      fc.tuple(fc.ipV4(), fc.nat(32)).map(([address, bits]) => `${address}/${bits}`),
      fc.tuple(fc.ipV6(), fc.nat(128)).map(([address, bits]) => `${address}/${bits}`),
      fc.constantFrom('0.0.0.0/0', '::/0', '127.0.0.0/8', '10.0.0.0/8', 'fe80::/10', 'ff00::/8', '10.1.2.3'),
    );
    const kept = { gateways: ['10.1.2.3', '2001:db8::9', 'server.example'], own: ['0a010205', 'f'.repeat(32)] };
    const never =
      `10.1.2.3 10.1.2.5 127.0.0.1 127.9.9.9 255.255.255.255 2001:db8::9 ::1 :: fe80::1 ff02::1 ff02::1:ff00:1
      ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff`
        .split(/\s+/)
        .map((text) => networkIn(text));
    fc.assert(
      fc.property(fc.array(network, { maxLength: 12 }), fc.ipV4(), fc.ipV6(), (contents, other4, other6) => {
        const objects = contents.map((content) => listed(content));
        const { sets } = entriesFrom(objects, { settings: enforce, now: 0, kept: exemptAddresses(kept) });
        const keptNetworks = exemptAddresses(kept).map((one) => one.network);
        const blocked = (address: ReturnType<typeof networkIn>): boolean =>
          sets
            .filter((set) => set.version === address?.version)
            .some(({ ranges }) => ranges.some((range) => inRange(range, address?.first ?? 0n)));
        for (const address of never) expect(blocked(address)).toBe(false);
        for (const text of [other4, other6]) {
          const address = networkIn(text);
          const within = (one: ReturnType<typeof networkIn>): boolean =>
            one !== undefined &&
            address !== undefined &&
            one.version === address.version &&
            one.first <= address.first &&
            address.first <= one.last;
          const desired = contents.some((content) => within(networkIn(content)));
          expect(blocked(address)).toBe(desired && !keptNetworks.some((one) => within(one)));
        }
      }),
    );
  });

  test('what no agent can read is left out, and said', () => {
    const objects = [listed('not an address'), listed('192.0.2.7'), listed('http://192.0.2.9/x', { type: 'url' })];
    const entries = entriesFrom(objects, { settings: enforce, now: 0, kept: [] });
    expect(entries.leftOut).toBe(2);
    const situation = { mode: 'enforce', entries, unable: undefined, shortfall: undefined, begun: true } as const;
    expect(networkState(situation).message).toBe(
      '1 addresses and networks blocked, 0 logged. 2 are not enforced here: they name no address and no host, or exceed what this agent accepts.',
    );
  });

  test('an IPv4 address that is written as IPv6 is what goes over the wire', () => {
    expect(setsOf([listed('::ffff:192.0.2.7'), listed('::ffff:198.51.100.0/120')])).toMatchObject({
      block4: ['c0000207-c0000207', 'c6336400-c63364ff'],
      block6: [],
    });
  });
});

describe('the state', () => {
  const entries = entriesFrom([listed('10.0.0.0/8')], {
    settings: enforce,
    now: 0,
    kept: exemptAddresses({ gateways: ['10.9.0.1'], own: ['0a090002'] }),
  });
  const situation = { mode: 'enforce', entries, unable: undefined, shortfall: undefined, begun: true } as const;

  test('says what is enforced, and what was left open within it', () => {
    expect(networkState(situation)).toEqual({
      state: 'on',
      message:
        '1 addresses and networks blocked, 0 logged. Left open within what is listed: 10.9.0.1 (a server), 10.9.0.2 (of this host).',
    });
  });

  test('is off by settings, unable by nature, and starting before the first list', () => {
    expect(networkState({ ...situation, mode: 'off' })).toEqual({ state: 'off', message: null });
    expect(networkState({ ...situation, begun: false })).toEqual({ state: 'starting', message: null });
    expect(networkState({ ...situation, unable: 'No root.' })).toEqual({ state: 'unable', message: 'No root.' });
    expect(namesState({ ...situation, shortfall: 'No copies.' })).toEqual({ state: 'unable', message: 'No copies.' });
    expect(namesState(situation).message).toMatch(/not blocked, and encrypted DNS is not visible/);
  });
});

describe('which object it is', () => {
  const objects = [
    listed('10.0.0.0/8'),
    listed('10.9.0.0/16', { action: 'log' }),
    listed('10.9.9.9'),
    listed('2001:db8::/32'),
    listed('bad.example', { type: 'domain' }),
    listed('very.bad.example', { type: 'domain' }),
    listed('*.worse.example', { type: 'domain' }),
    listed('https://Host.bad.example:444/path?x', { type: 'url' }),
  ];
  const matcher = new Matcher(entriesFrom(objects, { settings: enforce, now: 0, kept: [] }));

  test.each([
    ['0a090909', 'block', '10.9.9.9'],
    ['0a090908', 'block', '10.0.0.0/8'],
    ['0a090908', 'log', '10.9.0.0/16'],
    ['0b000000', 'block', undefined],
    [`20010db8${'0'.repeat(24)}`, 'block', '2001:db8::/32'],
  ] as const)('%s as %s is %s', (address, action, content) => {
    expect(matcher.address(address, action)?.content).toBe(content);
  });

  test.each([
    ['bad.example', ['bad.example']],
    ['a.b.bad.example', ['bad.example']],
    ['not-bad.example', []],
    ['x.very.bad.example', ['very.bad.example']],
    ['worse.example', []],
    ['x.worse.example', ['*.worse.example']],
    ['host.bad.example', ['bad.example', 'https://Host.bad.example:444/path?x']],
    ['x.host.bad.example', ['bad.example']],
    ['example', []],
  ])('%s is %j', (name, contents) => {
    expect(matcher.name(name).map((one) => one.content)).toEqual(contents);
  });
});
