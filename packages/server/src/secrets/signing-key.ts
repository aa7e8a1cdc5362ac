/** The Ed25519 key that signs desired states. Agents pin its public half when they enrol. */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Database } from '../database/database.ts';
import type { Sealer } from './sealing.ts';

export interface SigningKey {
  readonly privateKey: KeyObject;
  /** SPKI DER in base64, as enrolment tokens carry it. */
  readonly publicKey: string;
}

const name = 'signing-key';

/** The key of this database, created and sealed by the first node that needs it. */
export async function signingKey(database: Database, sealer: Sealer): Promise<SigningKey> {
  const fresh = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await database.write((tx) =>
    tx
      .insertInto('settings')
      .values({ name, value: sealer.seal(name, fresh) })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute(),
  );
  const row = await database.read
    .selectFrom('settings')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  const privateKey = createPrivateKey(sealer.unseal(name, row.value));
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64');
  return { privateKey, publicKey };
}
