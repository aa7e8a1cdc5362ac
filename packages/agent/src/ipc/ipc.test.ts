/** The connection between link and enforcer: bounded, and closed on any line that is no message. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Lines } from './line-socket.ts';
import { decodeToEnforcer, decodeToLink } from './link-messages.ts';
import { socketPath } from './paths.ts';
import { linkUser } from './paths.ts';

describe('lines', () => {
  test('come out whole, however the stream was cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\n'))),
        fc.array(fc.nat(20)),
        (texts, cuts) => {
          const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
          const lines = new Lines(10_000);
          const got: string[] = [];
          let at = 0;
          for (const cut of [...cuts, bytes.length]) {
            got.push(...(lines.push(bytes.subarray(at, at + cut)) ?? []));
            at += cut;
          }
          expect(got).toEqual(texts);
        },
      ),
    );
  });

  test('a line that is too long ends the stream, even if it never ends itself', () => {
    const lines = new Lines(10);
    expect(lines.push(Buffer.from('0123456789'))).toEqual([]);
    expect(lines.push(Buffer.from('x'))).toBeUndefined();
    expect(new Lines(10).push(Buffer.from('short\n0123456789x'))).toBeUndefined();
  });
});

describe('messages', () => {
  test('no line makes the decoders throw', () => {
    const lines = fc.oneof(fc.string(), fc.json());
    fc.assert(
      fc.property(lines, (line) => {
        expect([decodeToEnforcer(line), decodeToLink(line)]).toEqual([undefined, undefined]);
      }),
      { numRuns: 1000 },
    );
  });

  test('a nonce with a line break is no nonce: it would be more than one line of what is signed', () => {
    const asked = { type: 'sign-hello', nonce: 'A'.repeat(32), publicKeyPin: `${'a'.repeat(43)}=` };
    expect(decodeToEnforcer(JSON.stringify(asked))).toEqual(asked);
    expect(decodeToEnforcer(JSON.stringify({ ...asked, nonce: `${'A'.repeat(31)}\n` }))).toBeUndefined();
  });
});

describe('the place', () => {
  test('of the socket is said to be too long before the kernel says something less clear', () => {
    expect(socketPath({ CORDON_AGENT_SOCKET: '/run/cordon/enforcer.sock' })).toBe('/run/cordon/enforcer.sock');
    expect(() => socketPath({ CORDON_AGENT_STATE: `/${'x'.repeat(100)}` })).toThrow(
      /has 119 bytes; a UNIX socket allows 107/,
    );
  });

  test('of link in the list of users', () => {
    const passwd = 'root:x:0:0::/root:/bin/sh\ncordon:x:991:990::/:/bin/false\nother:x:7:8::/:/bin/false\n';
    expect(linkUser({}, passwd)).toEqual({ uid: 991, gid: 990 });
    expect(linkUser({ CORDON_AGENT_USER: 'other' }, passwd)).toEqual({ uid: 7, gid: 8 });
    expect(linkUser({}, 'root:x:0:0::/root:/bin/sh\n')).toEqual({ uid: 65_534, gid: 65_534 });
    expect(() => linkUser({ CORDON_AGENT_USER: 'missing' }, passwd)).toThrow(/no user "missing"/);
  });
});
