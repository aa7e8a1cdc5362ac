/** Holds listed addresses in nf_tables, through a netlink socket that owns the table for as long as it lives. */
import { canonicalText } from '../isolation/canonical.ts';
import { ownAddresses } from '../kernel/addresses.ts';
import type { Calls } from '../kernel/calls.ts';
import { PacketLog } from '../kernel/nflog.ts';
import type { Seen } from '../kernel/nflog.ts';
import { KernelRefusal, nameOfErrno, NetlinkSocket, netlinkFamily } from '../kernel/socket.ts';
import type { Table } from '../kernel/tables.ts';
import { Watch } from '../kernel/watch.ts';
import { sentenceOf } from '../sentence.ts';
import { encodeDifference, encodeTrial, encodeWhole } from './encode.ts';
import { differenceFrom, generationOf, isThere } from './held.ts';
import type { ObjectsKernel, WantedInKernel } from './kernel.ts';
import { objectsTable, objectsTableName } from './ruleset.ts';
import type { ObjectFeatures } from './ruleset.ts';

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
  #watch: Watch | undefined;
  /** What we put into force last; undefined when we do not know. */
  #inForce: { readonly table: Table | undefined } | undefined;
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

  put(wanted: WantedInKernel | undefined): void {
    const table = wanted && this.#tableFor(wanted);
    // A host on which nothing was ever listed sees no transaction of ours at all.
    if (!table && this.#inForce === undefined && !isThere(this.#filter)) {
      this.#inForce = { table };
      return;
    }
    if (this.#changed(table)) return;
    this.#inForce = undefined;
    this.#generation = undefined;
    this.#transact(encodeWhole(table), table ? 'Blocking listed addresses' : 'Removing the table of listed addresses');
    this.#inForce = { table };
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
    this.#watch = new Watch(this.#calls, { ownPort: () => this.#filter.port, tableName: objectsTableName, noticed });
    if (!(this.#log instanceof Error)) this.#log.listen(seen);
  }

  close(): void {
    this.#watch?.close();
    if (!(this.#log instanceof Error)) this.#log.close();
    this.#filter.close();
    this.#route.close();
  }

  #tableFor({ sets, names }: WantedInKernel): Table {
    const group = this.#log instanceof Error ? undefined : this.#log.group;
    return objectsTable(sets, { names, machine: { features: this.#features, group } });
  }

  /** True when nothing but the sets had to be changed, and was. */
  #changed(table: Table | undefined): boolean {
    const before = this.#inForce?.table;
    if (!table || !before) return this.#inForce !== undefined && table === before;
    if (canonicalText([before]) !== canonicalText([table])) return false;
    // The very same list of sets: this is asked at every look, and the sets may be long.
    if (before.sets === table.sets) return true;
    const batch = encodeDifference(before.sets ?? [], table.sets ?? []);
    try {
      if (batch) this.#transact(batch, 'Changing listed addresses');
    } catch {
      return false; // Somebody has changed what we change; the whole of it is put there anew.
    }
    this.#inForce = { table };
    return true;
  }

  #transact(batch: Buffer, doing: string): void {
    const transact = (): { errno: number; sequence: number }[] => this.#filter.transact(batch);
    const [refused] = batch.length > largeBatch ? Watch.unheard(transact) : transact();
    if (refused) throw new KernelRefusal(doing, refused);
  }
}

/** All features at once, else each by itself. An Error when not even the plainest table is possible. */
function tryObjectFeatures(socket: NetlinkSocket): ObjectFeatures {
  const sets = (['v4', 'v6'] as const).flatMap((version) => {
    const ranges = [{ first: '0'.repeat(version === 'v4' ? 8 : 32), last: '1'.repeat(version === 'v4' ? 8 : 32) }];
    return ['block', 'log'].map((name) => ({ name: `${name}${version.slice(1)}`, version, ranges }));
  });
  const errnoWith = (features: ObjectFeatures): number | undefined => {
    const table = objectsTable(sets, { names: true, machine: { features, group: groups[0] } });
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
    return new Error(sentenceOf(error));
  }
}

function shortfallOf({ log }: ObjectFeatures, listener: PacketLog | Error): string | undefined {
  if (!log)
    return 'This kernel makes no copies of packets (nfnetlink_log): listed addresses are blocked, but not seen.';
  if (!(listener instanceof Error)) return undefined;
  return `Listed addresses are blocked, but not seen: ${listener.message}`;
}
