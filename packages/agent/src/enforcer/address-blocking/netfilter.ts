/** Holds listed addresses in nf_tables, through a netlink socket that owns the table for as long as it lives. */
import { canonicalText } from '../../kernel/nftables/canonical.ts';
import { ownAddresses } from '../../kernel/netlink/addresses.ts';
import type { Calls } from '../../kernel/calls.ts';
import { PacketLog } from '../../kernel/netlink/nflog.ts';
import type { Seen } from '../../kernel/netlink/nflog.ts';
import { KernelRefusal, nameOfErrno, NetlinkSocket, netlinkFamily } from '../../kernel/netlink/socket.ts';
import type { Table } from '../../kernel/nftables/tables.ts';
import { ChangeListener } from '../../kernel/netlink/change-listener.ts';
import { messageOf } from '../../message-of.ts';
import { encodeDifference, encodeRefill, encodeTrial, encodeWhole, setsOf } from './encode.ts';
import { differenceFrom, generationOf, heldTable, isThere } from './held.ts';
import type { ObjectsKernel, DesiredInKernel } from './kernel.ts';
import { objectsTable, objectsTableName } from './ruleset.ts';
import type { ObjectFeatures, Slot } from './ruleset.ts';

/** Out of the way of the small numbers that people choose for themselves. */
const groups = [49_230, 49_231, 49_232, 49_233] as const;
/** Some 2,000 elements. */
const largeBatch = 65_536;
const everything: ObjectFeatures = { persist: true, reject: true, log: true };
const least: ObjectFeatures = { persist: false, reject: false, log: false };

export class NetfilterObjects implements ObjectsKernel {
  readonly shortfall: string | undefined;
  readonly #calls: Calls;
  readonly #filter: NetlinkSocket;
  readonly #route: NetlinkSocket;
  readonly #log: PacketLog | Error;
  readonly #features: ObjectFeatures;
  #watch: ChangeListener | undefined;
  /** What we put into force last; undefined when we do not know. */
  #inForce: { readonly table: Table | undefined; readonly desired: DesiredInKernel | undefined } | undefined;
  #slot: Slot = 'a';
  /** As long as the kernel is in this generation of its rules, nobody has changed anything since we looked. */
  #generation: number | undefined;

  /** `atMost` lets tests hold the kernel to less than it can do. Throws when it cannot do the least. */
  constructor(calls: Calls, atMost: Partial<ObjectFeatures> = {}) {
    this.#calls = calls;
    this.#filter = new NetlinkSocket(calls, netlinkFamily.netfilter);
    this.#route = new NetlinkSocket(calls, netlinkFamily.route);
    const found = tryObjectFeatures(this.#filter);
    this.#log = packetLog(calls);
    const listening = !(this.#log instanceof Error);
    this.#features = { ...found, log: found.log && listening, ...atMost };
    this.shortfall = shortfallOf(found, this.#log);
  }

  get lost(): number {
    return this.#log instanceof Error ? 0 : this.#log.lost;
  }

  ownAddresses(): string[] {
    return ownAddresses(this.#route);
  }

  put(desired: DesiredInKernel | undefined): boolean {
    // A host on which nothing was ever listed sees no transaction of ours at all.
    if (!desired && this.#inForce === undefined && !isThere(this.#filter)) {
      this.#inForce = { table: undefined, desired };
      return false;
    }
    const outcome = this.#changeSets(desired);
    if (outcome !== 'whole') return outcome === 'changed';
    this.#inForce = undefined;
    this.#generation = undefined;
    this.#inForce = { table: (desired && this.#refill(desired)) ?? this.#replace(desired), desired };
    return true;
  }

  difference(): string | undefined {
    if (!this.#inForce) return 'It is not known what the kernel holds of the listed addresses.';
    const generation = generationOf(this.#filter);
    if (generation !== undefined && generation === this.#generation) return undefined;
    const different = differenceFrom(this.#filter, this.#inForce.table);
    this.#generation = different === undefined ? generation : undefined;
    if (different !== undefined) this.#inForce = undefined;
    return different;
  }

  watch({ noticed, seen }: { noticed: () => void; seen: (packet: Seen) => void }): void {
    this.#watch = new ChangeListener(this.#calls, {
      ownPort: () => this.#filter.port,
      tableName: objectsTableName,
      noticed,
    });
    if (!(this.#log instanceof Error)) this.#log.listen(seen);
  }

  close(): void {
    this.#watch?.close();
    if (!(this.#log instanceof Error)) this.#log.close();
    this.#filter.close();
    this.#route.close();
  }

  #tableFor({ sets, names }: DesiredInKernel): Table {
    const group = this.#log instanceof Error ? undefined : this.#log.group;
    return objectsTable(sets, { names, machine: { features: this.#features, group, slot: this.#slot } });
  }

  /** Changes the sets if it is only them that have changed; `whole` when the rules have to be put there anew. */
  #changeSets(desired: DesiredInKernel | undefined): 'same' | 'changed' | 'whole' {
    const before = this.#inForce;
    if (!before || !desired || !before.desired) return before && desired === before.desired ? 'same' : 'whole';
    // The very same list of sets: this is asked at every look, and the sets may be long.
    if (before.desired.sets === desired.sets && before.desired.names === desired.names) return 'same';
    const table = this.#tableFor(desired);
    if (!before.table || canonicalText([before.table]) !== canonicalText([table])) return 'whole';
    const batch = encodeDifference(before.table.sets ?? [], table.sets ?? []);
    if (batch === 'overlap') return 'whole';
    try {
      if (batch) this.#transact(batch, 'Changing listed addresses');
    } catch {
      return 'whole'; // Somebody has changed what we change.
    }
    this.#inForce = { table, desired };
    return batch ? 'changed' : 'same';
  }

  /** Undefined when the chains are not there, or not those that we would make. An orphan's become ours by it. */
  #refill(desired: DesiredInKernel): Table | undefined {
    const held = heldTable(this.#filter);
    if (!held) return undefined;
    const before = this.#slot;
    const lookedUp = held.chains.flatMap(({ rules }) => rules.flatMap((rule) => setsOf(rule)));
    this.#slot = lookedUp.some((name) => name.endsWith('a')) ? 'b' : 'a';
    const table = this.#tableFor(desired);
    try {
      if (headsOf(held) !== headsOf(table)) throw new Error('Other chains are there.');
      const { sets, rules } = encodeRefill(table, held);
      for (const batch of [sets, rules]) this.#transact(batch, 'Blocking listed addresses');
      return table;
    } catch {
      this.#slot = before;
      return undefined; // The whole of it is put there anew.
    }
  }

  #replace(desired: DesiredInKernel | undefined): Table | undefined {
    const table = desired && this.#tableFor(desired);
    this.#transact(encodeWhole(table), table ? 'Blocking listed addresses' : 'Removing the table of listed addresses');
    return table;
  }

  #transact(batch: Buffer, doing: string): void {
    const transact = (): { errno: number; sequence: number }[] => this.#filter.transact(batch);
    const [refused] = batch.length > largeBatch ? ChangeListener.unheard(transact) : transact();
    if (refused) throw new KernelRefusal(doing, refused);
  }
}

/** The chains without their rules. */
function headsOf({ family, name, chains }: Table): string {
  const heads = chains.map((chain) => Object.assign({}, chain, { rules: [] }));
  return canonicalText([{ family, name, flags: [], chains: heads }]);
}

/** All features at once, else each by itself. An Error when not even the plainest table is possible. */
function tryObjectFeatures(socket: NetlinkSocket): ObjectFeatures {
  const sets = (['v4', 'v6'] as const).flatMap((version) => {
    const ranges = [{ first: '0'.repeat(version === 'v4' ? 8 : 32), last: '1'.repeat(version === 'v4' ? 8 : 32) }];
    return ['block', 'log'].map((name) => ({ name: `${name}${version.slice(1)}`, version, ranges }));
  });
  const errnoWith = (features: ObjectFeatures): number | undefined => {
    const table = objectsTable(sets, { names: true, machine: { features, group: groups[0], slot: 'a' } });
    return socket.transact(encodeTrial(table))[0]?.errno;
  };
  if (errnoWith(everything) === undefined) return everything;
  const errno = errnoWith(least);
  if (errno !== undefined) {
    throw new Error(
      `This kernel does not take the rules for listed addresses: nf_tables answered ${nameOfErrno(errno)}.`,
    );
  }
  const works = (one: Partial<ObjectFeatures>): boolean => errnoWith({ ...least, ...one }) === undefined;
  return { persist: works({ persist: true }), reject: works({ reject: true }), log: works({ log: true }) };
}

function packetLog(calls: Calls): PacketLog | Error {
  try {
    return new PacketLog(calls, groups);
  } catch (error) {
    return new Error(messageOf(error));
  }
}

function shortfallOf({ log }: ObjectFeatures, listener: PacketLog | Error): string | undefined {
  if (!log)
    return 'This kernel makes no copies of packets (nfnetlink_log): listed addresses are blocked, but not seen.';
  if (!(listener instanceof Error)) return undefined;
  return `Listed addresses are blocked, but not seen: ${listener.message}`;
}
