/** The rules of listing safety, as a table. */
import { describe, expect, it } from 'vitest';
import type { Prevalence } from '@cordon/protocol/console';
import { listingSafetyReasons } from './rules.ts';
import type { ListingRequest } from './rules.ts';

const own = ['192.0.2.10', 'cordon.example.com', '2001:db8::10'];
const nobody: Prevalence = { agents: 0, asked: 0, of: 100, hostNames: [], packages: [], lastSeenAt: null };
const sha1 = 'A'.repeat(40);

function rules(object: Partial<ListingRequest>, prevalence: Partial<Prevalence> = {}): string[] {
  const asked = { type: 'ip', content: '198.51.100.7', scanAction: 'block', size: null, ...object } as const;
  const reasons = listingSafetyReasons(asked, { own, prevalence: { ...nobody, ...prevalence } });
  return reasons.map((one) => (one.mayConfirm ? `${one.rule}?` : one.rule));
}

describe('an address', () => {
  it.each([
    ['198.51.100.7', []],
    ['203.0.113.0/24', []],
    ['2001:4860::/32', []],
    ['127.0.0.1', ['loopback']],
    ['127.255.0.0/16', ['loopback']],
    ['0.0.0.0', ['loopback']],
    ['::1', ['loopback']],
    ['::', ['loopback']],
    ['::ffff:127.0.0.1', ['loopback']],
    ['::ffff:7f00:1', ['loopback']],
    ['0.0.0.0/0', ['broad-network']],
    ['128.0.0.0/1', ['broad-network']],
    ['::/0', ['broad-network']],
    ['2000::/3', ['broad-network']],
    ['192.0.2.10', ['own-server']],
    ['192.0.2.0/24', ['own-server']],
    ['2001:db8::10', ['own-server']],
    ['2001:db8::/32', ['own-server']],
    ['::ffff:192.0.2.10', ['own-server']],
    ['10.1.2.3', ['private-address?']],
    ['172.31.0.0/16', ['private-address?']],
    ['172.32.0.1', []],
    ['192.168.1.1', ['private-address?']],
    ['192.0.0.0/8', ['own-server']],
    ['169.254.169.254', ['private-address?']],
    ['100.100.0.1', ['private-address?']],
    ['224.0.0.251', ['private-address?']],
    ['255.255.255.255', ['private-address?']],
    ['fd00::1', ['private-address?']],
    ['fe80::1', ['private-address?']],
    ['::ffff:10.0.0.1', ['private-address?']],
  ])('%s: %j', (content, expected) => {
    expect(rules({ content })).toEqual(expected);
  });

  it('that is only logged is held up by nothing that may be confirmed', () => {
    expect(rules({ content: '10.1.2.3', scanAction: 'log' })).toEqual([]);
    expect(rules({ content: '127.0.0.1', scanAction: 'log' })).toEqual(['loopback']);
  });
});

describe('a file', () => {
  const file = { type: 'file', content: sha1 } as const;

  it.each([
    ['nobody holds', {}, []],
    ['three agents hold', { agents: 3, asked: 3 }, []],
    ['four agents hold, of four', { agents: 4, asked: 4 }, ['prevalent?']],
    ['four agents hold, of a hundred', { agents: 4, asked: 100 }, []],
    ['six agents hold, of a hundred', { agents: 6, asked: 100 }, ['prevalent?']],
    ['a package owns', { agents: 1, asked: 1, packages: ['dpkg:curl'] }, ['packaged?']],
    ['is a shell', { agents: 1, asked: 1, packages: ['dpkg:bash'] }, ['shell?']],
    ['is a loader, by rpm', { agents: 1, asked: 1, packages: ['rpm:glibc-2.39-5.x86_64'] }, ['shell?']],
    ['is a loader, by dpkg with its architecture', { packages: ['dpkg:libc6:amd64'] }, ['shell?']],
    ['is Cordon', { agents: 9, asked: 9, packages: ['dpkg:cordon-agent'] }, ['cordon', 'packaged?', 'prevalent?']],
  ])('that %s', (_, prevalence, expected) => {
    expect(rules(file, prevalence)).toEqual(expected);
    expect(rules({ ...file, scanAction: 'log' }, prevalence)).toEqual([]);
  });

  it('that is empty is refused even when confirmed, whatever is to be done about it', () => {
    const empty = 'DA39A3EE5E6B4B0D3255BFEF95601890AFD80709';
    for (const scanAction of ['log', 'block', 'quarantine'] as const) {
      expect(rules({ type: 'file_sha1', content: empty, scanAction })).toEqual(['empty-file']);
      expect(rules({ ...file, size: 0, scanAction })).toEqual(['empty-file']);
    }
  });
});

describe('a name', () => {
  it.each([
    ['domain', 'bad.example.net', []],
    ['domain', 'cordon.example.com', ['own-server']],
    ['domain', '*.example.com', ['own-server']],
    ['domain', '*.ample.com', []],
    ['url', 'https://CORDON.example.com/x', ['own-server']],
    ['url', 'https://192.0.2.10:8443/', ['own-server']],
    ['url', 'https://[2001:db8::10]/', ['own-server']],
    ['url', 'https://bad.example.net/cordon.example.com', []],
    ['url', 'http://%', []],
  ] as const)('%s %s: %j', (type, content, expected) => {
    expect(rules({ type, content })).toEqual(expected);
  });
});
