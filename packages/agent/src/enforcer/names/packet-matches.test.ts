/** From the bytes of a packet to a detection: total, bounded, and reported once a minute. */
import type { ObjectEntry } from '@cordon/protocol/channel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Match } from '../../ipc/worker-messages.ts';
import { entriesFrom } from '../address-blocking/entries.ts';
import { Matcher } from './matcher.ts';
import { packetIn } from './packet.ts';
import { questionIn, questionOverTcp } from './dns-question.ts';
import { prefixes } from '../address-blocking/ruleset.ts';
import { PacketMatches } from './packet-matches.ts';

function listed(content: string, type: ObjectEntry['type'] = 'ip'): ObjectEntry {
  return { type, content, action: 'block', size: null, sha256: null, expiresAt: null };
}

/** IPv4 with TCP or UDP in it. */
function packet(
  source: string,
  destination: string,
  more: { ports?: [number, number]; udp?: Buffer; flags?: number } = {},
): Buffer {
  const { ports = [40_000, 443], udp, flags = 0x02 } = more;
  const head = Buffer.alloc(20);
  head.set([0x45], 0);
  head.set([udp ? 17 : 6], 9);
  head.set(source.split('.').map(Number), 12);
  head.set(destination.split('.').map(Number), 16);
  const transport = Buffer.alloc(udp ? 8 : 20);
  transport.writeUInt16BE(ports[0], 0);
  transport.writeUInt16BE(ports[1], 2);
  if (!udp) transport.set([0x50, flags], 12);
  return Buffer.concat([head, transport, udp ?? Buffer.alloc(0)]);
}

function question(name: string): Buffer {
  const labels = name.split('.').flatMap((label) => [Buffer.of(label.length), Buffer.from(label, 'latin1')]);
  return Buffer.concat([Buffer.from('beef01000001000000000000', 'hex'), ...labels, Buffer.from('0000010001', 'hex')]);
}

describe('a packet', () => {
  test('is read as far as it goes, whatever bytes come', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.constantFrom(0x45, 0x4f, 0x60), (bytes, first) => {
        const one = Buffer.from(bytes);
        if (one.length > 0) one.writeUInt8(first);
        const found = packetIn(one);
        expect(found === undefined || [8, 32].includes(found.source.length)).toBe(true);
        questionIn(one);
        questionOverTcp(one);
      }),
      { numRuns: 3000 },
    );
  });

  test('of IPv6 may have other headers before the one that counts', () => {
    const head = Buffer.alloc(40);
    head.set([0x60], 0);
    head.set([0], 6);
    const hopByHop = Buffer.from('2c00000000000000', 'hex');
    const fragmented = Buffer.from('1100000000000001', 'hex');
    const udp = Buffer.from('0035003500080000', 'hex');
    expect(packetIn(Buffer.concat([head, hopByHop, fragmented, udp]))).toMatchObject({
      protocol: 'udp',
      ports: { source: 53, destination: 53 },
    });
    fragmented.writeUInt16BE(0x08, 2);
    expect(packetIn(Buffer.concat([head, hopByHop, fragmented, udp]))).toMatchObject({
      protocol: 'udp',
      ports: undefined,
    });
  });
});

describe('a question', () => {
  test.each(['bad.example', 'a.b.c', 'x'.repeat(63), '_sip._tcp.bad.example'])('for %s is read', (name) => {
    expect(questionIn(question(name))).toBe(name);
  });

  test('knows no capital letters, and shows bytes that no name has as question marks', () => {
    expect(questionIn(question('BaD.ExAmPlE'))).toBe('bad.example');
    expect(questionIn(question('a\u0000b\u00ff.example'))).toBe('a?b?.example');
    const dotted = question('bad');
    expect(
      questionIn(Buffer.concat([dotted.subarray(0, 12), Buffer.of(11), Buffer.from('bad.example'), Buffer.of(0)])),
    ).toBe('bad?example');
  });

  test('over TCP has its length before it', () => {
    const bytes = question('bad.example');
    expect(questionOverTcp(Buffer.concat([Buffer.of(0, bytes.length), bytes]))).toBe('bad.example');
    expect(questionOverTcp(Buffer.of(0))).toBeUndefined();
  });

  test.each([
    ['an answer', (bytes: Buffer) => bytes.fill(0x81, 2, 3)],
    ['another operation', (bytes: Buffer) => bytes.fill(0x28, 2, 3)],
    ['no question at all', (bytes: Buffer) => bytes.fill(0, 4, 6)],
    ['a pointer', (bytes: Buffer) => bytes.fill(0xc0, 12, 13)],
    ['a name that is cut short', (bytes: Buffer) => bytes.subarray(0, 18)],
    ['nothing but a header', (bytes: Buffer) => bytes.subarray(0, 12)],
    ['the root', (bytes: Buffer) => bytes.fill(0, 12, 13)],
  ])('is none if it is %s', (_, change) => {
    expect(questionIn(change(question('bad.example')))).toBeUndefined();
  });

  test('with more than 253 characters is none, and with so many it is one', () => {
    const label = 'x'.repeat(63);
    expect(questionIn(question([label, label, label, 'x'.repeat(61)].join('.')))).toHaveLength(253);
    expect(questionIn(question([label, label, label, 'x'.repeat(62)].join('.')))).toBeUndefined();
    expect(questionIn(Buffer.concat([question('a').subarray(0, 12), Buffer.alloc(2000, '\u0001a')]))).toBeUndefined();
  });

  test('is read back whatever its labels are', () => {
    const label = fc.string({ unit: fc.constantFrom('a', 'z', '0', '-', '_'), minLength: 1, maxLength: 63 });
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 3 }), (labels) => {
        expect(questionIn(question(labels.join('.')))).toBe(labels.join('.'));
      }),
    );
  });
});

function watching(objects: readonly ObjectEntry[]): {
  packetMatches: PacketMatches;
  sent: Match[];
  clock: { now: number };
} {
  const sent: Match[] = [];
  const clock = { now: 1_000_000 };
  const settings = { group: 'default', network: 'enforce' } as const;
  const matcher = new Matcher(entriesFrom(objects, { settings, now: 0, kept: [] }));
  const copyRate = new PacketMatches({
    matcher: () => matcher,
    now: () => clock.now,
    userName: (id) => `user${id}`,
    onMatch: (match) => sent.push(match),
  });
  return { packetMatches: copyRate, sent, clock };
}

describe('packet matches', () => {
  const outgoing = { prefix: prefixes.block, hook: 3, user: 1000 } as const;

  test('report the first at once, and the others together when the minute is over', () => {
    const { packetMatches: copyRate, sent, clock } = watching([listed('192.0.2.0/24')]);
    for (let count = 0; count < 5; count += 1) {
      copyRate.add({ ...outgoing, packet: packet('10.0.0.1', '192.0.2.7', { ports: [40_000 + count, 443] }) });
    }
    expect(sent).toEqual([
      {
        at: 1_000_000,
        detectedBy: 'packet',
        object: { type: 'ip', content: '192.0.2.0/24' },
        action: 'blocked',
        remark: null,
        count: 1,
        file: null,
        process: null,
        user: { id: 1000, name: 'user1000' },
        remote: { direction: 'out', protocol: 'tcp', address: '192.0.2.7', port: 443, name: null },
      },
    ]);
    expect(copyRate.due).toBe(1_060_000);
    clock.now = 1_060_000;
    copyRate.flush({ all: false });
    expect(sent.slice(1)).toMatchObject([{ at: 1_060_000, count: 4 }]);
    expect(copyRate.due).toBeUndefined();
  });

  test('are distinguished by address, port and direction; an answer is not reported again', () => {
    const { packetMatches: copyRate, sent } = watching([listed('192.0.2.0/24')]);
    const add = (bytes: Buffer, hook = 3): void => copyRate.add({ ...outgoing, hook, packet: bytes });
    add(packet('10.0.0.1', '192.0.2.7'));
    add(packet('192.0.2.7', '10.0.0.1', { ports: [443, 40_000], flags: 0x12 }), 0);
    add(packet('10.0.0.1', '192.0.2.8'));
    add(packet('10.0.0.1', '192.0.2.7', { ports: [40_000, 80] }));
    add(packet('192.0.2.7', '10.0.0.1', { ports: [50_000, 22] }), 0);
    expect(sent.map(({ remote }) => [remote?.direction, remote?.address, remote?.port])).toEqual([
      ['out', '192.0.2.7', 443],
      ['out', '192.0.2.8', 443],
      ['out', '192.0.2.7', 80],
      ['in', '192.0.2.7', 22],
    ]);
  });

  test('of a whole network are distinguished up to a limit, then counted together', () => {
    const { packetMatches: copyRate, sent, clock } = watching([listed('192.0.0.0/16')]);
    for (let at = 0; at < 5000; at += 1) {
      copyRate.add({ ...outgoing, packet: packet('10.0.0.1', `192.0.${at >> 8}.${at & 255}`) });
    }
    expect(sent).toHaveLength(201);
    expect(sent.at(-1)?.remark).toMatch(/others are counted here/);
    clock.now += 60_000;
    copyRate.flush({ all: false });
    expect(sent.slice(201).map((one) => one.count)).toEqual([4799]);
  });

  test('of questions name the domain and the URL, once for the resolver here and the one it asks', () => {
    const { packetMatches: copyRate, sent } = watching([
      listed('bad.example', 'domain'),
      listed('http://www.bad.example/x', 'url'),
    ]);
    const asked = question('www.BAD.example');
    for (const [to, user] of [
      ['127.0.0.53', 1000],
      ['192.0.2.53', 101],
    ] as const) {
      const bytes = packet('127.0.0.1', to, { ports: [40_000, 53], udp: asked });
      copyRate.add({ prefix: prefixes.name, hook: 3, user, packet: bytes });
    }
    expect(sent).toMatchObject([
      { detectedBy: 'name', action: 'logged', remark: null, user: { id: 1000 }, object: { type: 'domain' } },
      { detectedBy: 'name', action: 'logged', object: { type: 'url' }, remote: { name: 'www.bad.example', port: 53 } },
    ]);
    expect(sent[1]?.remark).toMatch(/Whether the URL itself was opened cannot be seen/);
  });

  test('of what is not listed, or makes no sense, are none', () => {
    const { packetMatches: copyRate, sent } = watching([listed('192.0.2.7'), listed('bad.example', 'domain')]);
    copyRate.add({ ...outgoing, packet: packet('10.0.0.1', '192.0.2.8') });
    copyRate.add({ ...outgoing, packet: Buffer.alloc(3) });
    copyRate.add({
      ...outgoing,
      prefix: prefixes.name,
      packet: packet('10.0.0.1', '192.0.2.53', { udp: question('good.example') }),
    });
    copyRate.add({
      ...outgoing,
      prefix: prefixes.name,
      packet: packet('10.0.0.1', '192.0.2.53', { udp: Buffer.from('x') }),
    });
    expect(sent).toEqual([]);
  });

  test('survive a clock that is set back', () => {
    const { packetMatches: copyRate, sent, clock } = watching([listed('192.0.2.7')]);
    copyRate.add({ ...outgoing, packet: packet('10.0.0.1', '192.0.2.7') });
    clock.now -= 3_600_000;
    copyRate.add({ ...outgoing, packet: packet('10.0.0.1', '192.0.2.7') });
    expect(sent).toHaveLength(2);
  });
});
