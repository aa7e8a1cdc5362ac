/** Where a server may connect, in every spelling of an address. */
import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { checkedLookup, refusal } from './destinations.ts';
import type { DestinationRules } from './destinations.ts';

const anywhere: DestinationRules = { allowPrivate: true };

function resolved(host: string, rules: DestinationRules): Promise<string | LookupAddress[]> {
  return new Promise((resolve, reject) => {
    checkedLookup(rules)(host, { all: true }, (error, addresses) =>
      error === null ? resolve(addresses) : reject(error),
    );
  });
}

describe('an address', () => {
  it.each([
    '169.254.169.254',
    '169.254.0.1',
    'fe80::1',
    'fe80::1%eth0',
    'febf::1',
    'fd00:ec2::254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::a9fe:a9fe',
    '::ffff:0:169.254.169.254',
    '2002:a9fe:a9fe::1',
    '0.0.0.0',
    '0.1.2.3',
    '::',
    '224.0.0.1',
    '255.255.255.255',
    'ff02::1',
    '::ffff:0.0.0.0',
  ])('such as %s is never connected to', (address) => {
    expect(refusal(address, anywhere)).toBe(`${address} is a link-local, unspecified or multicast address.`);
  });

  it.each(['192.0.2.7', '10.1.2.3', '127.0.0.1', '::1', '2001:db8::7', 'fd12::1', '::ffff:10.0.0.1'])(
    'such as %s is, on-premise',
    (address) => {
      expect(refusal(address, anywhere)).toBeUndefined();
    },
  );

  it.each([
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '127.0.0.1',
    '::1',
    'fd12::1',
    'fec0::1',
    '::ffff:10.0.0.1',
  ])('such as %s is not where private networks are closed', (address) => {
    expect(refusal(address, { allowPrivate: false })).toContain('is a private address');
    expect(refusal('192.0.2.7', { allowPrivate: false })).toBeUndefined();
  });

  it('that is no address at all is not connected to', () => {
    expect(refusal('localhost', anywhere)).toBe('"localhost" is no address.');
  });
});

describe('a name', () => {
  it('is connected to by the addresses that were judged', async () => {
    const addresses = await resolved('localhost', { ...anywhere, loopbackOnly: true });
    expect(addresses).toContainEqual({ address: '127.0.0.1', family: 4 });
  });

  it('that leads nowhere allowed is not connected to, and the refusal says why', async () => {
    await expect(resolved('localhost', { allowPrivate: false })).rejects.toThrow(/^localhost: .* is a private address/);
    await expect(resolved('169.254.169.254', anywhere)).rejects.toThrow('is a link-local');
    await expect(resolved('192.0.2.7', { ...anywhere, loopbackOnly: true })).rejects.toThrow(
      'plain HTTP to it was not allowed',
    );
  });
});
