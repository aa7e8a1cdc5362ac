/** How link chooses, waits and describes. */
import { describe, expect, test } from 'vitest';
import { delayBefore, failuresAfter, gatewayAt } from './gateway-choice.ts';
import { addressesOf, platformIn } from './facts.ts';

describe('reconnecting', () => {
  test('goes through the gateways in turn, the home first', () => {
    expect([0, 1, 2, 3].map((failures) => gatewayAt(['home', 'second', 'token'], failures))).toEqual([
      'home',
      'second',
      'token',
      'home',
    ]);
  });

  test('waits within a window that doubles each round, up to 15 s', () => {
    const windows = [0, 1, 2, 3, 4, 50].map((failures) =>
      delayBefore({ failures, gateways: 2, refusal: undefined }, 1),
    );
    expect(windows).toEqual([100, 100, 200, 200, 400, 15_000]);
    expect(delayBefore({ failures: 50, gateways: 1, refusal: undefined }, 0)).toBe(0);
  });

  test('is slow when the gateway does not know us, quick when it only stops', () => {
    expect(delayBefore({ failures: 0, gateways: 1, refusal: 'agent-unknown' }, 0)).toBe(30_000);
    expect(delayBefore({ failures: 0, gateways: 1, refusal: 'stopping' }, 1)).toBe(100);
  });

  test('starts again after a channel that lasted, not after one that was cut at once', () => {
    expect(failuresAfter(3, { lasted: 6000, refusal: undefined }, 1)).toBe(0);
    expect(failuresAfter(3, { lasted: 10, refusal: undefined }, 1)).toBe(4);
    expect(failuresAfter(30, { lasted: 0, refusal: undefined }, 1)).toBe(31);
  });

  test('does not leave a gateway alone for more than 3.2 s that welcomed us a moment ago', () => {
    for (const gateways of [1, 3]) {
      const failures = failuresAfter(60, { lasted: 10, refusal: undefined }, gateways);
      expect(delayBefore({ failures, gateways, refusal: undefined }, 1)).toBe(3200);
    }
  });
});

describe('facts', () => {
  const one = { netmask: '', cidr: null, internal: false, mac: '00:0c:29:9b:ab:65' };

  test('leave out loopback and link-local addresses, and name each MAC once', () => {
    const found = addressesOf([
      { ...one, family: 'IPv4', address: '192.0.2.7' },
      { ...one, family: 'IPv6', address: 'fe80::1', scopeid: 2 },
      { ...one, family: 'IPv4', address: '169.254.1.1', mac: '00:00:00:00:00:00' },
      { ...one, family: 'IPv4', address: '127.0.0.1', internal: true, mac: '00:00:00:00:00:00' },
    ]);
    expect(found).toEqual({ addresses: ['192.0.2.7'], macs: ['00-0C-29-9B-AB-65'] });
  });

  test('call the platform what its maker calls it', () => {
    expect(platformIn('NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')).toBe(
      'Debian GNU/Linux 12 (bookworm)',
    );
    expect(platformIn('')).toBe('linux');
  });
});
