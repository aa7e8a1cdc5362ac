/** Sealed secrets open only with the same key and the same purpose. */
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sealer } from './sealing.ts';

const sealer = new Sealer(Buffer.alloc(32, 1));
const message = '"application A" was sealed with another master key. Give this server the key it was sealed with.';

describe('a sealed secret', () => {
  it('opens again, whatever text it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (secret, purpose) => {
        expect(sealer.unseal(purpose, sealer.seal(purpose, secret))).toBe(secret);
      }),
    );
  });

  it('is never the same text twice', () => {
    expect(sealer.seal('application A', 'key')).not.toBe(sealer.seal('application A', 'key'));
  });

  it('does not open for another purpose, so rows cannot be exchanged', () => {
    expect(() => sealer.unseal('application A', sealer.seal('application B', 'key'))).toThrow(message);
  });

  it('does not open with another key', () => {
    expect(() => new Sealer(Buffer.alloc(32, 2)).unseal('application A', sealer.seal('application A', 'key'))).toThrow(
      message,
    );
  });

  it('does not open once a bit of it has changed, or when it was cut short', () => {
    const sealed = Buffer.from(sealer.seal('application A', 'key'), 'base64');
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => sealer.unseal('application A', changed.toString('base64'))).toThrow(message);
      expect(() => sealer.unseal('application A', sealed.subarray(0, at).toString('base64'))).toThrow(message);
    }
  });
});

it('a master key of another length is refused', () => {
  expect(() => new Sealer(randomBytes(31))).toThrow('The master key has 31 bytes; it must have 32.');
});
