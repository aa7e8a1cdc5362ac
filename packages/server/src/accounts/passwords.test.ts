/** Passwords: only the right one matches, and a new one cannot be guessed. */
import { describe, expect, it } from 'vitest';
import { hashPassword, newPassword, passwordFits, productionPasswordCost, unmatchableHash } from './passwords.ts';

describe('a hashed password', () => {
  it('fits itself and nothing else', async () => {
    const hash = await hashPassword('correct horse', productionPasswordCost);
    expect(await passwordFits('correct horse', hash)).toBe(true);
    expect(await passwordFits('Correct horse', hash)).toBe(false);
    expect(await passwordFits('', hash)).toBe(false);
  });

  it('is another text each time, and carries its parameters', async () => {
    const [one, two] = [
      await hashPassword('x', productionPasswordCost),
      await hashPassword('x', productionPasswordCost),
    ];
    expect(one).not.toBe(two);
    expect(one).toMatch(/^scrypt\$32768\$8\$1\$[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=$/);
  });

  it('has an unmatchable twin of the same cost, so that an unknown user takes as long as a known one', async () => {
    const [real, twin] = [await hashPassword('x', productionPasswordCost), unmatchableHash(productionPasswordCost)];
    const [[, N, r, p, salt, key], fields] = [real.split('$'), twin.split('$')];
    expect(fields.slice(0, 4)).toEqual(['scrypt', N, r, p]);
    expect(fields.slice(4).map((field) => field.length)).toEqual([salt?.length, key?.length]);
    expect(await passwordFits('x', twin)).toBe(false);
  });

  it('fits however the keyboard composed its letters', async () => {
    expect(await passwordFits('cafe\u0301', await hashPassword('caf\u00e9', productionPasswordCost))).toBe(true);
  });

  it('made with earlier parameters still fits', async () => {
    // The hash of "x", with a salt of zeros, from node:crypto's scryptSync.
    const earlier = 'scrypt$1024$8$1$AAAAAAAAAAAAAAAAAAAAAA==$dNWxk1wGX9W8L+OgFxyrwFcpjY3FnPL0FFfcs8y0UBk=';
    expect(await passwordFits('x', earlier)).toBe(true);
    expect(await passwordFits('y', earlier)).toBe(false);
  });
});

describe('a new password', () => {
  it('has 20 characters, none of which looks like another', () => {
    for (let attempts = 0; attempts < 200; attempts += 1) expect(newPassword()).toMatch(/^[A-HJ-NP-Za-km-z2-9]{20}$/);
  });

  it('uses the whole alphabet evenly', () => {
    const counts = new Map<string, number>();
    for (let attempts = 0; attempts < 2000; attempts += 1)
      for (const letter of newPassword()) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    const expected = 40_000 / 57;
    expect(counts.size).toBe(57);
    // Six standard deviations: a fair draw fails about once in ten million runs.
    for (const count of counts.values()) expect(Math.abs(count - expected)).toBeLessThan(6 * Math.sqrt(expected));
  });
});
