/** The audit on both databases: every line can be read back and matches its hash. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyChain } from '@cordon/protocol/audit-chain';
import { databaseKinds } from '../../../../test/harness/databases.ts';
import type { FreshDatabase } from '../../../../test/harness/databases.ts';
import { openDatabase } from '../database/database.ts';
import type { Database } from '../database/database.ts';
import { signingKey } from '../secrets/signing-key.ts';
import { Sealer } from '../secrets/sealing.ts';
import { Audit, shown } from './audit.ts';
import { Checkpoints } from './checkpoints.ts';

const day = 86_400_000;
const start = Date.UTC(2026, 0, 1);
/** Any code units: lone surrogates, NUL and all others. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 600 }),
  fc.array(fc.integer({ min: 0xd700, max: 0xe000 }), { maxLength: 600 }).map((units) => String.fromCharCode(...units)),
  fc.constant('\u{1F600}'.repeat(300)),
  fc.constant(`a${'\u{1F600}'.repeat(1200)}`),
);

describe.each(databaseKinds())('the audit on $name', ({ make }) => {
  let fresh: FreshDatabase;
  let database: Database;
  let audit: Audit;

  beforeEach(async () => {
    fresh = await make();
    database = await openDatabase(fresh.address);
    audit = new Audit(database, () => start);
  });

  afterEach(async () => {
    await audit.close();
    await database.close();
    await fresh.remove();
  });

  it('holds whatever texts strangers put into it', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const line = fc.record({ name: anyText, source: anyText, requestId: anyText, target: anyText, detail: anyText });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 4 }), async (lines) => {
        await database.write(async (tx) => {
          for (const { name, source, requestId, target, detail } of lines) {
            await audit.record(tx, { name, source, requestId }, { act: 'request', target, outcome: 'done', detail });
          }
        });
        const found = (await audit.list(0, 10_000)).map(shown);
        expect(verifyChain(found, [], publicKey)).toMatchObject({ problem: undefined, lines: found.length });
      }),
      { numRuns: 25 },
    );
  });

  it('keeps every signature of the last day, and of each day before the last', async () => {
    let now = start;
    const key = await signingKey(database, new Sealer(Buffer.alloc(32, 1)));
    const checkpoints = new Checkpoints({ database, key, now: () => now });
    for (let hour = 0; hour < 72; hour += 6) {
      now = start + (hour * day) / 24;
      const fact = { act: 'request', target: '', outcome: 'done', detail: String(hour) };
      await database.write((tx) => audit.record(tx, { name: 'server', source: '', requestId: '' }, fact));
      await checkpoints.sign();
    }
    const kept = (await checkpoints.list()).checkpoints.map((one) => (one.at - start) / (day / 24));
    expect(kept).toEqual([18, 42, 48, 54, 60, 66]);
    const found = (await audit.list(0, 100)).map(shown);
    const { publicKey, checkpoints: points } = await checkpoints.list();
    expect(verifyChain(found, points, keyOf(publicKey))).toMatchObject({ problem: undefined, signedUpTo: 12 });
    await checkpoints.close();
  });
});

function keyOf(text: string): KeyObject {
  return createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
}
