/** Signs the audit's chain at intervals, so that nobody can rewrite it unnoticed. */
import { signCheckpoint } from '@cordon/protocol/audit-chain';
import type { AuditCheckpoints } from '@cordon/protocol/console';
import type { Database } from '../database/database.ts';
import type { SigningKey } from '../secrets/signing-key.ts';
import { allCheckpoints, chainHead, insertCheckpoint, newestCheckpoint, thinCheckpoints } from './queries.ts';

export interface CheckpointsDeps {
  readonly database: Database;
  readonly key: SigningKey;
  readonly now: () => number;
}

const intervalMs = 60_000;
/** Younger ones are all kept: they show to the minute since when something does not match. */
const allKeptMs = 24 * 60 * 60_000;

export class Checkpoints {
  readonly #deps: CheckpointsDeps;
  readonly #timer: NodeJS.Timeout;

  constructor(deps: CheckpointsDeps) {
    this.#deps = deps;
    this.#timer = setInterval(() => void this.#signInTime(), intervalMs).unref();
  }

  /** Signs the chain up to its newest line, unless that is signed already. */
  async sign(): Promise<void> {
    const { database, key, now } = this.#deps;
    const { id, hash } = await chainHead(database.read);
    if (id === 0 || id === (await newestCheckpoint(database.read))) return;
    const point = signCheckpoint({ id, hash, at: now() }, key.privateKey);
    await database.write(async (tx) => {
      await insertCheckpoint(tx, point);
      await thinCheckpoints(tx, point.at - allKeptMs);
    });
  }

  /** All that are kept: those of the last day, and one for each day before. And the key to verify them. */
  async list(): Promise<AuditCheckpoints> {
    return { publicKey: this.#deps.key.publicKey, checkpoints: await allCheckpoints(this.#deps.database.read) };
  }

  /** Signs what is still unsigned. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#signInTime();
  }

  async #signInTime(): Promise<void> {
    try {
      await this.sign();
    } catch (error) {
      process.emitWarning(`The audit could not be signed: ${String(error)}`); // Retried in a minute.
    }
  }
}
