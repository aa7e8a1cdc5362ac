/** The public keys that agents trust: the one in use, announced ones, and those not forgotten yet. */
import type { Database, Queries } from '../database/database.ts';
import type { Sealer } from '../secrets/sealing.ts';

const name = 'public-key-pins';
/** A desired state names no more (protocol/channel). */
const maxPins = 8;
/** An arbitrary number that nothing else locks: two nodes that start together must not forget each other's key. */
const pinsLock = 0x70696e73;

export class PublicKeyPins {
  readonly #database: Database;
  readonly #sealer: Sealer;
  #all: readonly string[] = [];

  static async open(database: Database, sealer: Sealer): Promise<PublicKeyPins> {
    const pins = new PublicKeyPins(database, sealer);
    await pins.refresh();
    return pins;
  }

  private constructor(database: Database, sealer: Sealer) {
    this.#database = database;
    this.#sealer = sealer;
  }

  /** The oldest first, as the database had them last. */
  get all(): readonly string[] {
    return this.#all;
  }

  /** True when they have changed since. */
  async refresh(): Promise<boolean> {
    const before = this.#all;
    this.#all = await this.#stored(this.#database.read);
    return before.join(' ') !== this.#all.join(' ');
  }

  /** In a transaction that also gives every agent a new desired state, unless there is no agent. */
  async add(tx: Queries, pin: string): Promise<void> {
    await this.#database.lockUntilCommit(tx, pinsLock);
    const stored = await this.#stored(tx);
    if (stored.includes(pin)) return;
    if (stored.length >= maxPins) {
      const command = 'cordon-server renew-certificate --forget-old';
      throw new Error(`Agents trust ${maxPins} public keys at most. Forget those that are no longer used: ${command}`);
    }
    await this.#store(tx, [...stored, pin]);
  }

  /** Keeps these alone. Returns how many were forgotten. */
  async keep(tx: Queries, pins: readonly string[]): Promise<number> {
    await this.#database.lockUntilCommit(tx, pinsLock);
    const stored = await this.#stored(tx);
    const kept = stored.filter((pin) => pins.includes(pin));
    await this.#store(tx, kept);
    return stored.length - kept.length;
  }

  async #stored(read: Queries): Promise<string[]> {
    const row = await read.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst();
    return row === undefined ? [] : this.#sealer.unseal(name, row.value).split(' ');
  }

  /** Sealed: somebody who can write to the database must not make agents trust a key. */
  async #store(tx: Queries, pins: readonly string[]): Promise<void> {
    const value = this.#sealer.seal(name, pins.join(' '));
    await tx
      .insertInto('settings')
      .values({ name, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute();
  }
}
