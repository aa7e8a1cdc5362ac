/** The rules for listed addresses, printed for review. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalText } from '../../kernel/nftables/canonical.ts';
import { nftText } from '../../kernel/nftables/text.ts';
import type { Seen } from '../../kernel/netlink/nflog.ts';
import type { Table } from '../../kernel/nftables/tables.ts';
import { encodeSetChanges } from '../../kernel/nftables/delta.ts';
import type { AddressKernel } from './address-kernel.ts';
import { UnableAddresses } from './unable-addresses.ts';
import { AddressBlocking } from './address-blocking.ts';
import { addressTable, addressTableName } from './ruleset.ts';
import { SimulatedAddresses } from '../simulated/simulated-addresses.ts';

const machine = { features: { persist: true, reject: true, log: true }, group: 7, slot: 'a' } as const;
const sets = [
  { name: 'block4', version: 'v4', ranges: [{ first: 'c0000200', last: 'c00002ff' }] },
  { name: 'block6', version: 'v6', ranges: [] },
  { name: 'log4', version: 'v4', ranges: [] },
  { name: 'log6', version: 'v6', ranges: [{ first: `20010db8${'0'.repeat(24)}`, last: `20010db8${'f'.repeat(24)}` }] },
] as const;

/** A kernel that has lost copies, and makes one on request. */
class Overheard extends SimulatedAddresses {
  override readonly lost: number = 3;
  listener: ((packet: Seen) => void) | undefined;

  override watch({ copied }: Parameters<AddressKernel['watch']>[0]): void {
    this.listener = copied;
  }
}

describe('the table of listed addresses', () => {
  test('with names', () => {
    expect(canonicalText([addressTable(sets, { names: true, machine })])).toMatchInlineSnapshot(`
      "table inet cordon_objects flags owner,persist
        set block4a v4
        set block6a v6
        set log4a v4
        set log6a v6
        chain fw type filter hook forward priority -450 policy accept
          l4proto = 11 transport[2+2] = 0035 limit 500/s burst 1000 log 7+400 "cordon name"
          l4proto = 06 transport[2+2] = 0035 limit 500/s burst 1000 log 7+400 "cordon name"
          nfproto = 02 network[16+4] in block4a limit 100/s burst 200 log 7+96 "cordon block"
          nfproto = 02 network[16+4] in block4a l4proto = 06 counter reject tcp-reset
          nfproto = 02 network[16+4] in block4a counter reject admin-prohibited
          nfproto = 0a network[24+16] in block6a limit 100/s burst 200 log 7+96 "cordon block"
          nfproto = 0a network[24+16] in block6a l4proto = 06 counter reject tcp-reset
          nfproto = 0a network[24+16] in block6a counter reject admin-prohibited
          nfproto = 02 network[16+4] in log4a limit 100/s burst 200 log 7+96 "cordon log"
          nfproto = 0a network[24+16] in log6a limit 100/s burst 200 log 7+96 "cordon log"
        chain out type filter hook output priority -450 policy accept
          l4proto = 11 transport[2+2] = 0035 limit 500/s burst 1000 log 7+400 "cordon name"
          l4proto = 06 transport[2+2] = 0035 limit 500/s burst 1000 log 7+400 "cordon name"
          oif = 01000000 accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 87 counter accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 88 counter accept
          nfproto = 02 network[16+4] in block4a limit 100/s burst 200 log 7+96 "cordon block"
          nfproto = 02 network[16+4] in block4a l4proto = 06 counter reject tcp-reset
          nfproto = 02 network[16+4] in block4a counter reject admin-prohibited
          nfproto = 0a network[24+16] in block6a limit 100/s burst 200 log 7+96 "cordon block"
          nfproto = 0a network[24+16] in block6a l4proto = 06 counter reject tcp-reset
          nfproto = 0a network[24+16] in block6a counter reject admin-prohibited
          nfproto = 02 network[16+4] in log4a limit 100/s burst 200 log 7+96 "cordon log"
          nfproto = 0a network[24+16] in log6a limit 100/s burst 200 log 7+96 "cordon log"
        chain post type filter hook postrouting priority 450 policy accept
          oif = 01000000 accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 87 counter accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 88 counter accept
          nfproto = 02 network[16+4] in block4a limit 100/s burst 200 log 7+96 "cordon block"
          nfproto = 02 network[16+4] in block4a counter drop
          nfproto = 0a network[24+16] in block6a limit 100/s burst 200 log 7+96 "cordon block"
          nfproto = 0a network[24+16] in block6a counter drop
        chain pre type filter hook prerouting priority -450 policy accept
          iif = 01000000 accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 87 counter accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 88 counter accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 86 counter accept
          nfproto = 02 network[12+4] in block4a limit 100/s burst 200 log 7+96 "cordon block"
          nfproto = 02 network[12+4] in block4a counter drop
          nfproto = 0a network[8+16] in block6a limit 100/s burst 200 log 7+96 "cordon block"
          nfproto = 0a network[8+16] in block6a counter drop
          nfproto = 02 network[12+4] in log4a limit 100/s burst 200 log 7+96 "cordon log"
          nfproto = 0a network[8+16] in log6a limit 100/s burst 200 log 7+96 "cordon log"
      "
    `);
  });

  test('without names, copies and rejections', () => {
    const least = { features: { persist: false, reject: false, log: false }, group: undefined, slot: 'b' } as const;
    expect(canonicalText([addressTable(sets, { names: true, machine: least })])).toMatchInlineSnapshot(`
      "table inet cordon_objects
        set block4b v4
        set block6b v6
        set log4b v4
        set log6b v6
        chain fw type filter hook forward priority -450 policy accept
          nfproto = 02 network[16+4] in block4b counter drop
          nfproto = 0a network[24+16] in block6b counter drop
        chain out type filter hook output priority -450 policy accept
          oif = 01000000 accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 87 counter accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 88 counter accept
          nfproto = 02 network[16+4] in block4b counter drop
          nfproto = 0a network[24+16] in block6b counter drop
        chain post type filter hook postrouting priority 450 policy accept
          oif = 01000000 accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 87 counter accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 88 counter accept
          nfproto = 02 network[16+4] in block4b counter drop
          nfproto = 0a network[24+16] in block6b counter drop
        chain pre type filter hook prerouting priority -450 policy accept
          iif = 01000000 accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 87 counter accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 88 counter accept
          nfproto = 0a network[7+1] = ff l4proto = 3a transport[0+1] = 86 counter accept
          nfproto = 02 network[12+4] in block4b counter drop
          nfproto = 0a network[8+16] in block6b counter drop
      "
    `);
  });

  test('as nft(8) reads it', () => {
    const text = nftText([addressTable(sets, { names: false, machine })], ['inet'], addressTableName);
    expect(text.split('\n').slice(0, 16).join('\n')).toMatchInlineSnapshot(`
      "add table inet cordon_objects
      delete table inet cordon_objects
      table inet cordon_objects {
        set block4a { type ipv4_addr; flags interval; elements = { 192.0.2.0-192.0.2.255 }; }
        set block6a { type ipv6_addr; flags interval; }
        set log4a { type ipv4_addr; flags interval; }
        set log6a { type ipv6_addr; flags interval; elements = { 2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff }; }
        chain pre {
          type filter hook prerouting priority -450; policy accept;
          meta iif 1 accept
          meta nfproto 0x0a @nh,56,8 0xff meta l4proto 0x3a @th,0,8 0x87 counter accept
          meta nfproto 0x0a @nh,56,8 0xff meta l4proto 0x3a @th,0,8 0x88 counter accept
          meta nfproto 0x0a @nh,56,8 0xff meta l4proto 0x3a @th,0,8 0x86 counter accept
          meta nfproto 0x02 ip saddr @block4a limit rate 100/second burst 200 packets log prefix "cordon block" group 7 snaplen 96
          meta nfproto 0x02 ip saddr @block4a counter drop
          meta nfproto 0x0a ip6 saddr @block6a limit rate 100/second burst 200 packets log prefix "cordon block" group 7 snaplen 96"
    `);
  });

  test('changes in as little as has changed, unless what comes touches what goes', () => {
    const table: Table = { family: 'inet', name: addressTableName, flags: [], chains: [], sets };
    expect(encodeSetChanges(table, table)).toBeUndefined();
    const [first, ...rest] = sets;
    const [range] = first.ranges;
    const with4 = (...ranges: { first: string; last: string }[]): Table => ({
      ...table,
      sets: [{ ...first, ranges }, ...rest],
    });
    expect(encodeSetChanges(table, with4(range, { first: 'c0000301', last: 'c0000301' }))).toBeInstanceOf(Buffer);
    expect(encodeSetChanges(table, with4({ first: 'c0000301', last: 'c0000301' }))).toBeInstanceOf(Buffer);
    expect(encodeSetChanges(table, with4({ first: 'c0000300', last: 'c0000301' }))).toBe('overlap');
    expect(encodeSetChanges(table, with4({ first: 'c0000100', last: 'c0000300' }))).toBe('overlap');
  });
});

const nothing = { objects: [], settings: { group: 'default', network: 'off' }, gateways: [] } as const;

describe('a simulated kernel', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cordon-'));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('says in a file what would be in force, obeys expiry, puts back what is edited, and leaves nothing', () => {
    const path = join(folder, 'simulated-network.nft');
    const clock = { now: 1000 };
    const sent: string[] = [];
    const network = new AddressBlocking({
      kernel: new SimulatedAddresses(path),
      now: () => clock.now,
      userName: () => '',
      log: (what) => sent.push(what),
      onMatch: () => undefined,
      changed: () => undefined,
    });
    expect(network.state.network.state).toBe('starting');
    const object = { type: 'ip', action: 'block', size: null, sha256: null, expiresAt: null } as const;
    const settings = { group: 'default', network: 'enforce' } as const;
    const objects = [
      { ...object, content: '192.0.2.7', expiresAt: 5000 },
      { ...object, content: '198.51.100.0/24' },
    ];
    network.apply({ objects, settings, gateways: ['198.51.100.9'] });
    expect(readFileSync(path, 'utf8')).toContain(
      'elements = { 192.0.2.7-192.0.2.7, 198.51.100.0-198.51.100.8, 198.51.100.10-198.51.100.255 }',
    );
    expect(network.tick()).toBe(1000);
    clock.now = 2000;
    expect(network.tick()).toBe(3000);
    clock.now = 5000;
    expect(network.tick()).toBe(1000);
    clock.now = 6000;
    expect(network.tick()).toBe(15_000);
    expect(readFileSync(path, 'utf8')).not.toContain('192.0.2.7');
    writeFileSync(path, 'nothing');
    clock.now += 15_000;
    network.tick();
    expect(sent).toEqual(['listed addresses put back']);
    expect(readFileSync(path, 'utf8')).toContain('198.51.100.10');
    network.apply(nothing);
    network.close();
    expect(existsSync(path)).toBe(false);
    expect(network.state).toEqual({
      network: { state: 'off', message: null },
      names: { state: 'off', message: null },
    });
  });
});

test('a spool that is full, and losses, are logged and end nothing', () => {
  const path = join(tmpdir(), `cordon-simulated-${process.pid}.nft`);
  const kernel = new Overheard(path);
  const sent: [string, object | undefined][] = [];
  const network = new AddressBlocking({
    kernel,
    now: () => 0,
    userName: () => '',
    log: (what, more) => sent.push([what, more]),
    onMatch: () => {
      throw new Error('The disk is full.');
    },
    changed: () => undefined,
  });
  const object = { type: 'ip', action: 'block', size: null, sha256: null, expiresAt: null } as const;
  const objects = [{ ...object, content: '0.0.0.0/0' }];
  network.apply({ objects, settings: { group: 'default', network: 'enforce' }, gateways: [] });
  const packet = Buffer.from('45000014000000004006000000000000c0000207', 'hex');
  kernel.listener?.({ prefix: 'cordon block', hook: 3, packet, user: undefined });
  network.tick();
  network.apply(nothing);
  network.close();
  expect(sent).toEqual([
    ['failed', { what: 'reporting a match', message: 'The disk is full.' }],
    ['copies of packets lost', { lost: 3, uncounted: 0 }],
  ]);
});

test('an endpoint that cannot block says why, and does not fail', () => {
  const network = new AddressBlocking({
    kernel: new UnableAddresses('Blocking addresses needs root.'),
    now: () => 0,
    userName: () => '',
    log: () => undefined,
    onMatch: () => undefined,
    changed: () => undefined,
  });
  network.apply({ objects: [], settings: { group: 'default', network: 'enforce' }, gateways: [] });
  expect(network.tick()).toBeGreaterThan(0);
  expect(network.state.network).toEqual({ state: 'unable', message: 'Blocking addresses needs root.' });
  network.apply(nothing);
  network.close();
});
