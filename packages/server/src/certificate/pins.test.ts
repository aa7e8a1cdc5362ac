/** The list of trusted public keys in the database: sealed, bounded, and not lost between nodes. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseKinds } from '../../../../test/harness/databases.ts';
import type { FreshDatabase } from '../../../../test/harness/databases.ts';
import { openDatabase } from '../database/database.ts';
import type { Database } from '../database/database.ts';
import { Sealer } from '../secrets/sealing.ts';
import { PublicKeyPins } from './pins.ts';

const sealer = new Sealer(Buffer.alloc(32, 5));
const letters = ['a', 'b', 'c', 'd', 'e', 'f'];
const pin = (letter: string): string => `${letter.repeat(43)}=`;

describe.each(databaseKinds())('on $name, the list of pins', (kind) => {
  let fresh: FreshDatabase;
  let database: Database;

  beforeEach(async () => {
    fresh = await kind.make();
    database = await openDatabase(fresh.address);
  });

  afterEach(async () => {
    await database.close();
    await fresh.remove();
  });

  it('keeps each key that nodes add at the same moment, in one order', async () => {
    const nodes = await Promise.all(letters.map(() => PublicKeyPins.open(database, sealer)));
    await Promise.all(nodes.map((node, index) => database.write((tx) => node.add(tx, pin(letters[index] ?? '')))));
    for (const node of nodes) await node.refresh();
    expect(nodes[0]?.all.toSorted()).toEqual(letters.map(pin));
    expect(new Set(nodes.map((node) => node.all.join(' '))).size).toBe(1);
  });

  it('takes eight, says what to do about more, and forgets all but those to keep', async () => {
    const pins = await PublicKeyPins.open(database, sealer);
    for (const letter of [...letters, 'g', 'h']) await database.write((tx) => pins.add(tx, pin(letter)));
    await expect(database.write((tx) => pins.add(tx, pin('i')))).rejects.toThrow('renew-certificate --forget-old');
    expect(await database.write((tx) => pins.keep(tx, [pin('h')]))).toBe(7);
    expect([await pins.refresh(), pins.all]).toEqual([true, [pin('h')]]);
  });

  it('is not read when somebody without the master key has written it', async () => {
    const pins = await PublicKeyPins.open(database, sealer);
    await database.write((tx) => pins.add(tx, pin('a')));
    const forged = new Sealer(Buffer.alloc(32, 6)).seal('public-key-pins', pin('b'));
    await database.write((tx) =>
      tx.updateTable('settings').set({ value: forged }).where('name', '=', 'public-key-pins').execute(),
    );
    await expect(PublicKeyPins.open(database, sealer)).rejects.toThrow('was sealed with another master key');
  });
});
