/** Enrolment tokens: created by an account, spent by endpoints. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { writeEnrolmentToken } from '@cordon/protocol/channel';
import type { AddEnrolmentToken, NewEnrolmentToken } from '@cordon/protocol/console';
import type { Actor, Audit } from '../audit/audit.ts';
import type { Address } from '../config.ts';
import type { Database } from '../database/database.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import { insertToken } from './queries.ts';

export interface EnrolmentDeps {
  readonly database: Database;
  readonly audit: Audit;
  readonly now: () => number;
  /** Where new agents find the gateways: this node first, then the others that are alive. */
  readonly gateways: () => readonly Address[];
  /** The public keys that gateways show. */
  readonly publicKeyPins: () => readonly string[];
  /** Public half of the signing key. */
  readonly signingKey: string;
  /** The line that installs the agent with this token; null when this server offers no package. */
  readonly installLine: (token: string) => Promise<string | null>;
}

/** A token names no more (protocol/channel). */
const maxGateways = 64;
const defaultValidSeconds = 24 * 3600;

/** A token for `uses` endpoints; the server keeps only a hash of its secret. */
export async function makeEnrolmentToken(
  deps: EnrolmentDeps,
  actor: Actor,
  desired: AddEnrolmentToken,
): Promise<NewEnrolmentToken> {
  const gateways = deps.gateways().slice(0, maxGateways);
  if (gateways.some((gateway) => gateway.port === 0)) {
    throw new ConsoleRefusal(
      409,
      'no-address',
      'This server listens on a port that the system chose, so no token can name it. Set CORDON_LISTEN or CORDON_ADVERTISE to a port.',
    );
  }
  const secret = randomBytes(24).toString('base64url');
  const uses = desired.uses ?? 1;
  const now = deps.now();
  const expiresAt = now + (desired.validSeconds ?? defaultValidSeconds) * 1000;
  const id = randomUUID();
  await deps.database.write(async (tx) => {
    const hash = createHash('sha256').update(secret).digest('hex');
    const row = { id, secret_hash: hash, uses, uses_left: uses, expires_at: expiresAt, created_at: now };
    await insertToken(tx, { ...row, note: desired.note ?? '', created_by: actor.name });
    const detail = `${uses} uses until ${new Date(expiresAt).toISOString()}`;
    await deps.audit.record(tx, actor, { act: 'add-enrolment-token', target: id, outcome: 'done', detail });
  });
  const publicKeyPins = [...deps.publicKeyPins()];
  const token = writeEnrolmentToken({ gateways, publicKeyPins, signingKey: deps.signingKey, secret, expiresAt });
  return { id, uses, expiresAt, token, installLine: await deps.installLine(token) };
}
