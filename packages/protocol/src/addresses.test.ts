/** Addresses and networks, compared with what Node and the URL parser make of the same text. */
import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressFromHex,
  addressHex,
  formatAddress,
  formatNetwork,
  networksAround,
  overlaps,
  parseAddress,
  parseCidr,
  parseNetwork,
  plainAddress,
} from './addresses.ts';

const anyAddress = fc.oneof(fc.ipV4(), fc.ipV6());

/** Text that is nearly an address. */
const nearly = fc.oneof(
  fc.string(),
  fc
    .array(fc.constantFrom('0', '1', '00', '255', '256', 'ffff', 'F', ':', '::', '.', '1.2.3.4', '%eth0', '/'), {
      maxLength: 18,
    })
    .map((parts) => parts.join('')),
  fc
    .tuple(anyAddress, fc.nat(40), fc.constantFrom(':', '.', '0', 'g', ''))
    .map(([text, at, insert]) => text.slice(0, at) + insert + text.slice(at + 1)),
);

describe('an address', () => {
  it('is what Node takes for one, except with a zone', () => {
    fc.assert(
      fc.property(fc.oneof(nearly, anyAddress), (text) => {
        expect(parseAddress(text)?.version ?? 0).toBe(text.includes('%') ? 0 : isIP(text));
      }),
      { numRuns: 5000 },
    );
  });

  it('of version 6 is spelt as a URL spells it, in whatever way it was written', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1);
        for (const form of [text, text.toUpperCase(), canonical]) {
          const address = parseAddress(form);
          expect(address && formatAddress(address)).toBe(canonical);
        }
      }),
    );
  });

  it('survives its spelling and its bytes', () => {
    fc.assert(
      fc.property(anyAddress, (text) => {
        const address = parseAddress(text);
        expect(address && parseAddress(formatAddress(address))).toEqual(address);
        expect(address && addressFromHex(addressHex(address))).toEqual(address);
      }),
    );
  });

  it.each([
    ['192.0.2.1', 'c0000201'],
    ['::1', '00000000000000000000000000000001'],
    ['2001:db8:0:0:1:2:3:4', '20010db8000000000001000200030004'],
    ['64:ff9b::192.0.2.1', '0064ff9b0000000000000000c0000201'],
    ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
  ])('%s is the bytes %s', (text, hex) => {
    const address = parseAddress(text);
    expect(address && addressHex(address)).toBe(hex);
  });

  it.each(['', 'host.example', '192.0.2', '192.0.2.01', '0x7f.0.0.1', '1:2:3', '1::2::3', ':::', '1:2:3:4:5:6:7:8::'])(
    'is not "%s"',
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
    },
  );

  it('of version 4 inside version 6 is version 4', () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        const mapped = parseAddress(`::ffff:${text}`);
        expect(mapped?.version).toBe(6);
        expect(mapped && formatAddress(plainAddress(mapped))).toBe(text);
      }),
    );
  });
});

describe('a network', () => {
  it.each([
    ['192.0.2.77/24', '192.0.2.0/24'],
    ['192.0.2.77', '192.0.2.77'],
    ['192.0.2.77/32', '192.0.2.77'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8::7/32', '2001:db8::/32'],
    ['::ffff:192.0.2.77/120', '192.0.2.0/24'],
    ['::ffff:192.0.2.77', '192.0.2.77'],
    // Wider than IPv4 inside IPv6.
    ['::ffff:192.0.2.77/90', '::ffc0:0:0/90'],
  ])('written %s is %s', (text, form) => {
    const network = parseNetwork(text);
    expect(network && formatNetwork(network)).toBe(form);
  });

  it.each(['192.0.2.0/33', '192.0.2.0/', '192.0.2.0/a', '192.0.2.0/24/24', '2001:db8::/129', 'fe80::1%eth0/64', '/8'])(
    'is not "%s"',
    (text) => {
      expect(parseCidr(text)).toBeUndefined();
      expect(parseNetwork(text)).toBeUndefined();
    },
  );

  it('has one spelling, which is read as the same network', () => {
    fc.assert(
      fc.property(anyAddress, fc.nat(128), (text, bits) => {
        const network = parseNetwork(`${text}/${text.includes(':') ? bits : bits % 33}`);
        expect(network && parseNetwork(formatNetwork(network))).toEqual(network);
      }),
    );
  });

  it('overlaps exactly those around it, of two networks', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.nat(32), fc.nat(32), (one, other, bits, otherBits) => {
        const [a, b] = [parseNetwork(`${one}/${bits}`), parseNetwork(`${other}/${otherBits}`)];
        if (a === undefined || b === undefined) throw new Error('An address was not parsed.');
        const [narrow, wide] = a.prefix >= b.prefix ? [a, b] : [b, a];
        const around = networksAround(narrow, 0).map(formatNetwork);
        expect(around).toHaveLength(narrow.prefix + 1);
        expect(overlaps(a, b)).toBe(around.includes(formatNetwork(wide)));
        expect(overlaps(b, a)).toBe(overlaps(a, b));
      }),
    );
  });

  it('never overlaps one of the other version', () => {
    const [all4, all6] = [parseNetwork('0.0.0.0/0'), parseNetwork('::/0')];
    expect(all4 && all6 && overlaps(all4, all6)).toBe(false);
  });
});
