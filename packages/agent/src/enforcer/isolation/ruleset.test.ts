/** The rules of an isolation, printed for review, and the form in which they are compared. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalText, digestOf } from '../../kernel/nftables/canonical.ts';
import { addressBytes } from '../../kernel/ip-address.ts';
import { policyOf } from './policy.ts';
import { rulesetFor } from './ruleset.ts';
import type { Machine } from './ruleset.ts';

const features = { persist: true, netdev: true, bridge: true, reject: true };
const v4 = { address: '192.0.2.10', port: 8443 };
const v6 = { address: '2001:db8::10', port: 8443 };

function textFor(
  gateways: { address: string; port: number }[],
  machine: Machine = { devices: ['eth0'], dhcp: [], features },
): string {
  return canonicalText(rulesetFor(policyOf({ isolation: 'isolated', gateways }), machine));
}

describe('the ruleset of an isolation', () => {
  test('with one IPv4 gateway', () => {
    expect(textFor([v4])).toMatchInlineSnapshot(`
      "table bridge cordon flags owner,persist
        chain fw type filter hook forward priority -500 policy drop
          counter
      table inet cordon flags owner,persist
        chain fw type filter hook forward priority -500 policy drop
          counter
        chain in type filter hook input priority -500 policy drop
          iif = 01000000 accept
          nfproto = 02 network[12+4] = c000020a l4proto = 06 transport[0+2] = 20fb transport[13+1] & 12 != 02 counter accept
          counter
        chain out type filter hook output priority -500 policy drop
          oif = 01000000 accept
          nfproto = 02 network[16+4] = c000020a l4proto = 06 transport[2+2] = 20fb counter accept
          l4proto = 06 counter reject tcp-reset
          counter reject admin-prohibited
        chain post type filter hook postrouting priority 500 policy drop
          oif = 01000000 accept
          nfproto = 02 network[16+4] = c000020a l4proto = 06 transport[2+2] = 20fb counter accept
          counter
        chain pre type filter hook prerouting priority -500 policy drop
          iif = 01000000 accept
          nfproto = 02 network[12+4] = c000020a l4proto = 06 transport[0+2] = 20fb transport[13+1] & 12 != 02 counter accept
          counter
      table netdev cordon flags owner,persist
        chain egress0 type filter hook egress devices eth0 priority -500 policy drop
          protocol = 0806 accept
          protocol = 0800 network[16+4] = c000020a l4proto = 06 transport[2+2] = 20fb counter accept
          counter
        chain ingress0 type filter hook ingress devices eth0 priority -500 policy drop
          protocol = 0806 accept
          protocol = 0800 network[12+4] = c000020a l4proto = 06 transport[0+2] = 20fb transport[13+1] & 12 != 02 counter accept
          counter
      "
    `);
  });

  test('with one IPv6 gateway: neighbour discovery, too', () => {
    expect(
      textFor([v6], {
        devices: [],
        dhcp: [],
        features: { ...features, netdev: false, bridge: false, reject: false },
      }),
    ).toMatchInlineSnapshot(`
      "table inet cordon flags owner,persist
        chain fw type filter hook forward priority -500 policy drop
          counter
        chain in type filter hook input priority -500 policy drop
          iif = 01000000 accept
          nfproto = 0a network[8+16] = 20010db8000000000000000000000010 l4proto = 06 transport[0+2] = 20fb transport[13+1] & 12 != 02 counter accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 87 counter accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 88 counter accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 86 counter accept
          counter
        chain out type filter hook output priority -500 policy drop
          oif = 01000000 accept
          nfproto = 0a network[24+16] = 20010db8000000000000000000000010 l4proto = 06 transport[2+2] = 20fb counter accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 87 counter accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 88 counter accept
          counter
        chain post type filter hook postrouting priority 500 policy drop
          oif = 01000000 accept
          nfproto = 0a network[24+16] = 20010db8000000000000000000000010 l4proto = 06 transport[2+2] = 20fb counter accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 87 counter accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 88 counter accept
          counter
        chain pre type filter hook prerouting priority -500 policy drop
          iif = 01000000 accept
          nfproto = 0a network[8+16] = 20010db8000000000000000000000010 l4proto = 06 transport[0+2] = 20fb transport[13+1] & 12 != 02 counter accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 87 counter accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 88 counter accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 86 counter accept
          counter
      "
    `);
  });

  test('with a leased address: DHCP by broadcast, both ways, in every chain that it passes', () => {
    const without = textFor([v4]).split('\n');
    const added = textFor([v4], { devices: ['eth0'], dhcp: ['v4'], features })
      .split('\n')
      .filter((line) => !without.includes(line));
    expect(added).toMatchInlineSnapshot(`
      [
        "    nfproto = 02 l4proto = 11 transport[0+4] = 00430044 counter accept",
        "    nfproto = 02 network[16+4] = ffffffff l4proto = 11 transport[0+4] = 00440043 counter accept",
        "    nfproto = 02 network[16+4] = ffffffff l4proto = 11 transport[0+4] = 00440043 counter accept",
        "    nfproto = 02 l4proto = 11 transport[0+4] = 00430044 counter accept",
        "    protocol = 0800 network[16+4] = ffffffff l4proto = 11 transport[0+4] = 00440043 counter accept",
        "    protocol = 0800 l4proto = 11 transport[0+4] = 00430044 counter accept",
      ]
    `);
  });

  test('a normal endpoint has no rules at all', () => {
    expect(
      rulesetFor(policyOf({ isolation: 'normal', gateways: [v4] }), { devices: ['eth0'], dhcp: [], features }),
    ).toEqual([]);
  });

  test('more devices than a chain can have are spread over several', () => {
    const devices = Array.from({ length: 300 }, (_, index) => `veth${index}`);
    const chains =
      rulesetFor(policyOf({ isolation: 'isolated', gateways: [v4] }), { devices, dhcp: [], features })[1]?.chains ?? [];
    expect(chains.map((chain) => [chain.name, chain.devices.length])).toEqual([
      ['ingress0', 256],
      ['egress0', 256],
      ['ingress1', 44],
      ['egress1', 44],
    ]);
  });
});

describe('the canonical form', () => {
  test('is the same for the same gateways in any order, and however often each is named', () => {
    expect(textFor([v6, v4, v4])).toBe(textFor([v4, v6]));
  });

  test('does not depend on the order in which the kernel lists tables and chains', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(1000)), (random) => {
        const tables = rulesetFor(policyOf({ isolation: 'isolated', gateways: [v4, v6] }), {
          devices: ['a', 'b'],
          dhcp: [],
          features,
        });
        const shuffled = <T>(list: readonly T[]): T[] =>
          list
            .map((one) => ({ one, at: random.next().value ?? 0 }))
            .sort((a, b) => a.at - b.at)
            .map(({ one }) => one);
        const other = shuffled(tables.map((table) => Object.assign({}, table, { chains: shuffled(table.chains) })));
        expect(digestOf(other)).toBe(digestOf(tables));
      }),
    );
  });

  test('depends on the order of rules, on every value and on the flags', () => {
    const digests = new Set([
      textFor([v4]),
      textFor([v6]),
      textFor([{ ...v4, port: 8444 }]),
      textFor([v4], { devices: ['eth1'], dhcp: [], features }),
      textFor([v4], { devices: ['eth0'], dhcp: [], features: { ...features, persist: false } }),
    ]);
    expect(digests.size).toBe(5);
  });
});

describe('gateway addresses', () => {
  test.each([
    ['192.0.2.1', 'c0000201'],
    ['::ffff:192.0.2.1', 'c0000201'],
    ['::1', '00000000000000000000000000000001'],
    ['2001:db8::', '20010db8000000000000000000000000'],
    ['2001:db8:0:0:1:2:3:4', '20010db8000000000001000200030004'],
    ['64:ff9b::192.0.2.1', '0064ff9b0000000000000000c0000201'],
  ])('%s is %s', (text, bytes) => {
    expect(addressBytes(text)?.toString('hex')).toBe(bytes);
  });

  test.each(['', 'gateway.example', '192.0.2', '192.0.2.1/24', 'fe80::1%eth0', '1:2:3'])('"%s" is none', (text) => {
    expect(addressBytes(text)).toBeUndefined();
    expect(() => policyOf({ isolation: 'isolated', gateways: [{ address: text, port: 1 }] })).toThrow(
      /no literal IP address/,
    );
  });

  test('any text is an address of 4 or 16 bytes, or none', () => {
    const texts = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string());
    fc.assert(
      fc.property(texts, (text) => {
        expect([4, 16, undefined]).toContain(addressBytes(text)?.length);
      }),
    );
  });
});
