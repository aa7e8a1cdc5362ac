/**
 * The key of the self-made certificate, sealed in the database: every node of a database shows the same one, and
 * a database that is restored with its master key has it again.
 */
import { generateKeyPairSync } from 'node:crypto';
import type { Database, Queries } from '../database/database.ts';
import type { Sealer } from '../secrets/sealing.ts';

const current = 'tls-key';
const next = 'tls-next-key';

/** The key in use, PKCS #8 PEM: the database's, or else `onDisk`, or else a new one. */
export async function ownKey(database: Database, sealer: Sealer, onDisk: string | undefined): Promise<string> {
  const fresh = onDisk ?? newKey();
  await database.write((tx) =>
    tx
      .insertInto('settings')
      .values({ name: current, value: sealer.seal(current, fresh) })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute(),
  );
  const kept = await storedKey(database.read, sealer, current);
  if (kept === undefined) throw new Error('The key of the certificate is not in the database.');
  return kept;
}

/** The key that will replace it, if one was made. */
export function nextKey(read: Queries, sealer: Sealer): Promise<string | undefined> {
  return storedKey(read, sealer, next);
}

export async function storeNextKey(tx: Queries, sealer: Sealer): Promise<string> {
  const key = newKey();
  await tx
    .insertInto('settings')
    .values({ name: next, value: sealer.seal(next, key) })
    .execute();
  return key;
}

/** From now on it is the key in use. */
export async function adoptNextKey(tx: Queries, sealer: Sealer, key: string): Promise<void> {
  await tx
    .updateTable('settings')
    .set({ value: sealer.seal(current, key) })
    .where('name', '=', current)
    .execute();
  await tx.deleteFrom('settings').where('name', '=', next).execute();
}

async function storedKey(read: Queries, sealer: Sealer, name: string): Promise<string | undefined> {
  const row = await read.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst();
  return row && sealer.unseal(name, row.value);
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
