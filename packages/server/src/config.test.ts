/** Settings from the environment: defaults, refusals, and their messages. */
import { describe, expect, it } from 'vitest';
import { addressFrom, readConfig } from './config.ts';

describe('without any variable', () => {
  it('the server listens on this machine alone and keeps everything in one directory', () => {
    const config = readConfig({ CORDON_DATA: '/srv/cordon' });
    expect(config).toMatchObject({
      data: '/srv/cordon',
      listen: { host: '127.0.0.1', port: 8443 },
      advertise: [{ host: '127.0.0.1', port: 8443 }],
      database: '/srv/cordon/cordon.sqlite',
      uploadLimit: 536_870_912,
      logLevel: 'info',
    });
    expect(config.gatewayListen).toBeUndefined();
    expect(config.tls).toBeUndefined();
    expect(config.masterKey).toBeUndefined();
    expect(config.metricsToken).toBeUndefined();
  });

  it('an empty one counts as left out, as compose files write them', () => {
    const empty = ['DATABASE', 'MASTER_KEY', 'METRICS_TOKEN', 'TLS_CERT', 'GATEWAY_LISTEN', 'UPLOAD_LIMIT', 'LISTEN'];
    const variables = Object.fromEntries(empty.map((name) => [`CORDON_${name}`, '']));
    expect(readConfig({ ...variables, CORDON_DATA: '/d' })).toEqual(readConfig({ CORDON_DATA: '/d' }));
  });
});

describe('agents are given', () => {
  it('the addresses that were given', () => {
    const config = readConfig({ CORDON_ADVERTISE: 'cordon.example:443, [2001:db8::7]:8443' });
    expect(config.advertise).toEqual([
      { host: 'cordon.example', port: 443 },
      { host: '2001:db8::7', port: 8443 },
    ]);
  });

  it("the gateway's own address where it has one", () => {
    const config = readConfig({ CORDON_LISTEN: '127.0.0.1:1', CORDON_GATEWAY_LISTEN: '192.0.2.1:2' });
    expect(config.advertise).toEqual([{ host: '192.0.2.1', port: 2 }]);
  });

  it('literal addresses when the server listens on all of them', () => {
    for (const { host, port } of readConfig({ CORDON_LISTEN: '0.0.0.0:8443' }).advertise) {
      expect(host).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
      expect(host).not.toBe('0.0.0.0');
      expect(port).toBe(8443);
    }
  });
});

describe('an address', () => {
  it.each([
    ['cordon.example:443', 'cordon.example', 443],
    ['[::1]:8443', '::1', 8443],
    [' 127.0.0.1:0 ', '127.0.0.1', 0],
  ])('%j is read', (text, host, port) => {
    expect(addressFrom('CORDON_LISTEN', text)).toEqual({ host, port });
  });

  it.each(['', '8443', 'localhost', ':8443', '::1:8443', '[zz]:1', 'localhost:65536', 'localhost:-1', 'a:b:1'])(
    '%j is refused by the name of its variable',
    (text) => {
      expect(() => addressFrom('CORDON_LISTEN', text)).toThrow(
        `CORDON_LISTEN is "${text}"; it must be host:port, such as 127.0.0.1:8443 or [::1]:8443.`,
      );
    },
  );
});

describe('refused with what to do', () => {
  it('a certificate without its key, and a key without its certificate', () => {
    const message =
      'CORDON_TLS_CERT and CORDON_TLS_KEY go together: set both, or neither for a self-signed certificate.';
    expect(() => readConfig({ CORDON_TLS_CERT: 'a.crt' })).toThrow(message);
    expect(() => readConfig({ CORDON_TLS_KEY: 'a.key' })).toThrow(message);
  });

  it.each(['5MB', '-1', '0', '1.5', '1e9', ' 5'])('an upload limit of %j', (text) => {
    expect(() => readConfig({ CORDON_UPLOAD_LIMIT: text })).toThrow(
      `CORDON_UPLOAD_LIMIT is "${text}"; it must be a whole number from 1 to 1099511627776.`,
    );
  });

  it('a list of advertised addresses with a hole in it', () => {
    expect(() => readConfig({ CORDON_ADVERTISE: 'a:1,' })).toThrow('CORDON_ADVERTISE is ""');
  });
});
