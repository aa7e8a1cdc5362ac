/**
 * The nf_tables tables of one name that belong to Cordon: put in force, read back, compared and watched.
 *
 * Isolation and address blocking each own one name, with a table in one or more families. The content is data; how it
 * gets into the kernel and is proven to be there is the same for both.
 */
import type { Calls } from '../calls.ts';
import { ChangeListener } from '../netlink/change-listener.ts';
import { NetlinkSocket, netlinkFamily, refusalError } from '../netlink/socket.ts';
import type { KernelRefusal } from '../netlink/socket.ts';
import type { Problem } from '../../problem.ts';
import { canonicalText } from './canonical.ts';
import { encodeRefill, encodeSetChanges } from './delta.ts';
import { encodeBatch } from './messages.ts';
import type { Change } from './messages.ts';
import { runNft } from './nft.ts';
import { readBatch, readGeneration, readRanges, readSets, readTables } from './readback.ts';
import type { HeldTable } from './readback.ts';
import { nftText } from './text.ts';
import type { AddressRange, Chain, Family, Table } from './tables.ts';

/** About 2,000 elements of a set. */
const largeBatchBytes = 65_536;

export interface OwnedTableOptions {
  readonly name: string;
  /** As used in messages: `the isolation`. */
  readonly subject: string;
}

/** Tables ready to be put in force: nobody waits for the encoder. */
export interface Prepared {
  readonly tables: readonly Table[];
  /** Canonical; '' for no tables. */
  readonly text: string;
  readonly batch: Buffer;
}

export interface FeatureProbe<F extends object> {
  readonly everything: F;
  readonly least: F;
  readonly tablesFor: (features: F) => readonly Table[];
}

export class OwnedTable {
  readonly #calls: Calls;
  /** Owns tables with the owner flag while it is open. */
  readonly #socket: NetlinkSocket;
  readonly #name: string;
  readonly #subject: string;
  #listener: ChangeListener | undefined;

  constructor(calls: Calls, { name, subject }: OwnedTableOptions) {
    this.#calls = calls;
    this.#socket = new NetlinkSocket(calls, netlinkFamily.netfilter);
    this.#name = name;
    this.#subject = subject;
  }

  /** What this kernel accepts: everything, or else each feature by itself. Throws when it refuses even the minimum. */
  probeFeatures<F extends object>({ everything, least, tablesFor }: FeatureProbe<F>): F {
    const refusal = (features: F): string | undefined => this.#rehearse(tablesFor(features));
    if (refusal(everything) === undefined) return everything;
    const code = refusal(least);
    if (code !== undefined)
      throw new Error(`This kernel does not take the rules of ${this.#subject}: nf_tables answered ${code}.`);
    const features = Object.keys(everything).map((name) => ({ [name]: true }));
    const taken = features.filter((one) => refusal({ ...least, ...one }) === undefined);
    return taken.reduce<F>((found, one) => Object.assign(found, one), { ...least });
  }

  /**
   * Ensure, delete, add: the same bytes work on a clean host, over our own tables, and over orphans of a dead agent.
   * `families` are those in which we may already hold a table.
   */
  prepare(tables: readonly Table[], families: readonly Family[]): Prepared {
    const removals = families.flatMap((family) => removalOf({ family, name: this.#name }));
    const additions = tables.map((table): Change => ({ kind: 'add-table', table }));
    const batch = encodeBatch([...removals, ...additions], { rehearsal: false });
    return { tables, text: canonicalText(tables), batch };
  }

  /** Finds a codec that contradicts itself. Throws when these bytes would not be read back as the tables. */
  checkCodec({ batch, tables, text }: Prepared): void {
    if (canonicalText(readBatch(batch, tables)) !== text) throw new Error('The rules would not read back as written.');
  }

  /** Replaces what we hold in one transaction. Throws when the kernel refuses it. */
  put({ batch }: Prepared, doing: string): void {
    this.#transact(batch, doing);
  }

  /** The same through nft(8). It exits at once, so the tables must not have an owner. */
  putThroughNft(tables: readonly Table[], families: readonly Family[]): void {
    runNft(nftText(tables, families, this.#name));
  }

  /**
   * Changes only the sets. `impossible` when more than the sets differ, when a range would replace one that it
   * overlaps, or when the kernel refuses because somebody has changed what we change.
   */
  changeSets(before: Table, after: Table, doing: string): 'same' | 'changed' | 'impossible' {
    if (canonicalText([before]) !== canonicalText([after])) return 'impossible';
    const batch = encodeSetChanges(before, after);
    if (batch === undefined) return 'same';
    if (batch === 'overlap') return 'impossible';
    try {
      this.#transact(batch, doing);
      return 'changed';
    } catch {
      return 'impossible';
    }
  }

  /**
   * Changes rules and sets inside the existing chains, so that each packet passes the old list or the new one. False
   * when the chains differ, or the kernel refuses.
   */
  refill(table: Table, held: Table, doing: string): boolean {
    if (headsOf(held) !== headsOf(table)) return false;
    const { sets, rules } = encodeRefill(table, held);
    try {
      for (const batch of [sets, rules]) this.#transact(batch, doing);
      return true;
    } catch {
      return false;
    }
  }

  /** Our tables with chains and rules, without sets. */
  read(): HeldTable[] {
    return readTables(this.#socket, this.#name);
  }

  /** The one table of a name that exists in one family only, with the names of its sets. */
  readWithSets(): Table | undefined {
    const [held] = this.read();
    return held && { ...held.table, sets: readSets(this.#socket, held.table) };
  }

  /** How the kernel differs from these tables; undefined when it holds exactly them. */
  difference({ tables, text }: Pick<Prepared, 'tables' | 'text'>, held = this.read()): Problem {
    if (tables.length === 0) {
      return held.length === 0 ? undefined : `${held.length} tables of ${this.#subject} are still in the kernel.`;
    }
    if (held.length === 0) return `The tables of ${this.#subject} are not in the kernel.`;
    const hasSets = tables.some(({ sets = [] }) => sets.length > 0);
    const found = held.map(({ table }) => (hasSets ? { ...table, sets: readSets(this.#socket, table) } : table));
    if (canonicalText(found) !== text) return `Another program changed the rules of ${this.#subject} in the kernel.`;
    for (const table of tables) {
      const changed = table.sets?.find((set) => !sameRanges(readRanges(this.#socket, table, set.name), set.ranges));
      if (changed) return `Another program changed the set ${changed.name} of ${this.#subject} in the kernel.`;
    }
    return undefined;
  }

  /** While it stays the same, nobody has changed any rule. Undefined when this kernel does not say. */
  generation(): number | undefined {
    return readGeneration(this.#socket);
  }

  /** Calls `changed` when another program changes our tables, or when network devices or addresses change. */
  watch(changed: () => void): void {
    const ownPort = (): number => this.#socket.port;
    this.#listener = new ChangeListener(this.#calls, { ownPort, tableName: this.#name, changed });
  }

  /** The tables stay. */
  close(): void {
    this.#listener?.close();
    this.#socket.close();
  }

  /**
   * The same tables under another name, checked by the kernel and never put in force; returns the code of a refusal.
   * Chains accept instead of drop, because the kernel hooks a chain up while it checks it.
   */
  #rehearse(tables: readonly Table[]): string | undefined {
    const harmless = tables.map((table): Change => {
      const chains = table.chains.map((chain): Chain => ({ ...chain, policy: 'accept' }));
      return { kind: 'add-table', table: { ...table, name: `${this.#name}_rehearsal`, chains } };
    });
    return this.#socket.transact(encodeBatch(harmless, { rehearsal: true }))[0]?.code;
  }

  #transact(batch: Buffer, doing: string): void {
    const transact = (): KernelRefusal[] => this.#socket.transact(batch);
    const [refused] = batch.length > largeBatchBytes ? ChangeListener.unheard(transact) : transact();
    if (refused) throw refusalError(doing, refused);
  }
}

function removalOf(table: { family: Family; name: string }): Change[] {
  return [
    { kind: 'ensure-table', table },
    { kind: 'delete-table', table },
  ];
}

/** The chains without their rules. */
function headsOf({ family, name, chains }: Table): string {
  const heads = chains.map((chain) => Object.assign({}, chain, { rules: [] }));
  return canonicalText([{ family, name, flags: [], chains: heads }]);
}

function sameRanges(one: readonly AddressRange[] | undefined, other: readonly AddressRange[]): boolean {
  return (
    one?.length === other.length &&
    one.every(({ first, last }, index) => first === other[index]?.first && last === other[index]?.last)
  );
}
