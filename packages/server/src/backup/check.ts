/** `cordon-server check`: whether this data can run a server, and whether its audit log is unbroken. */
import { countAgents, countToIsolate } from '../agents/table.ts';
import { verifyAudit } from '../audit/verify.ts';
import type { Base } from '../base.ts';

export interface CheckedData {
  readonly text: string;
  readonly isSound: boolean;
}

/** `base` is open: database, master key, keys and certificate fit together. */
export async function checkData({ certificate, database, key, pins }: Base): Promise<CheckedData> {
  const { fingerprint, publicKeyPin } = certificate.now;
  const { lines, signedUpTo, problem } = await verifyAudit(database.read, key);
  const isSound = problem === undefined;
  const text = [
    'database     its tables are those of this version',
    'master key   fits the database',
    `certificate  SHA-256 ${fingerprint}`,
    `public key   sha256//${publicKeyPin}, one of ${pins.all.length} that the agents trust`,
    `audit log    ${lines} lines, ${isSound ? `unbroken, signed up to line ${signedUpTo}` : `BROKEN: ${problem}`}`,
    `agents       ${await countAgents(database.read)}, ${await countToIsolate(database.read)} to be isolated`,
  ].join('\n');
  return { text, isSound };
}
