/** Blocks and logs listed addresses with nf_tables. */
import { ownAddresses } from '../../kernel/netlink/addresses.ts';
import type { Calls } from '../../kernel/calls.ts';
import { PacketLog } from '../../kernel/netlink/nflog.ts';
import { NetlinkSocket, netlinkFamily } from '../../kernel/netlink/socket.ts';
import { canonicalText } from '../../kernel/nftables/canonical.ts';
import { setsLookedUp } from '../../kernel/nftables/delta.ts';
import { OwnedTable } from '../../kernel/nftables/owned-table.ts';
import type { Prepared } from '../../kernel/nftables/owned-table.ts';
import type { Table } from '../../kernel/nftables/tables.ts';
import { messageOf } from '../../message-of.ts';
import type { Problem } from '../../problem.ts';
import type { AddressKernel, DesiredAddresses } from './address-kernel.ts';
import { addressTable, addressTableName } from './ruleset.ts';
import type { AddressFeatures, Slot } from './ruleset.ts';

/** Clear of the small numbers that people choose themselves. */
const groups = [49_230, 49_231, 49_232, 49_233] as const;
const everything: AddressFeatures = { persist: true, reject: true, log: true };
const least: AddressFeatures = { persist: false, reject: false, log: false };
const doing = 'Blocking listed addresses';

/** A set of each kind and version, with one range each. */
const sampleSets = (['v4', 'v6'] as const).flatMap((version) => {
  const digits = version === 'v4' ? 8 : 32;
  const ranges = [{ first: '0'.repeat(digits), last: '1'.repeat(digits) }];
  return ['block', 'log'].map((name) => ({ name: `${name}${version.slice(1)}`, version, ranges }));
});

interface InForce extends Pick<Prepared, 'tables' | 'text'> {
  readonly table: Table | undefined;
  readonly desired: DesiredAddresses | undefined;
}

export class NftablesAddresses implements AddressKernel {
  readonly unable = undefined;
  readonly shortfall: Problem;
  readonly #table: OwnedTable;
  readonly #route: NetlinkSocket;
  readonly #log: PacketLog | undefined;
  readonly #features: AddressFeatures;
  /** What we last put in force; undefined when unknown. */
  #inForce: InForce | undefined;
  #slot: Slot = 'a';
  /** While the kernel's ruleset has this generation, nobody has changed anything since we compared. */
  #generation: number | undefined;

  /** `atMost` lets tests limit the kernel's features. Throws when the minimum is not available. */
  constructor(calls: Calls, atMost: Partial<AddressFeatures> = {}) {
    this.#table = new OwnedTable(calls, { name: addressTableName, subject: 'the listed addresses' });
    this.#route = new NetlinkSocket(calls, netlinkFamily.route);
    const found = this.#table.probeFeatures({
      everything,
      least,
      tablesFor: (features) => [
        addressTable(sampleSets, { names: true, machine: { features, group: groups[0], slot: 'a' } }),
      ],
    });
    let problem: Problem;
    try {
      this.#log = new PacketLog(calls, groups);
    } catch (error) {
      problem = messageOf(error);
    }
    this.#features = { ...found, log: found.log && this.#log !== undefined, ...atMost };
    this.shortfall = shortfallOf(found, problem);
  }

  get lost(): number {
    return this.#log?.lost ?? 0;
  }

  ownAddresses(): string[] {
    return ownAddresses(this.#route);
  }

  apply(desired: DesiredAddresses | undefined): boolean {
    const before = this.#inForce;
    // A host on which nothing was ever listed sees no transaction from us.
    if (!desired && (before ? !before.desired : this.#table.read().length === 0)) {
      this.#inForce = inForceOf(undefined, desired);
      return false;
    }
    const outcome = desired && before?.desired ? this.#changeSets(before, desired) : 'impossible';
    if (outcome !== 'impossible') return outcome === 'changed';
    this.#inForce = undefined;
    this.#generation = undefined;
    const table = (desired && this.#refill(desired)) ?? this.#replace(desired);
    this.#inForce = inForceOf(table, desired);
    return true;
  }

  difference(): Problem {
    if (!this.#inForce) return 'It is not known what the kernel holds of the listed addresses.';
    const generation = this.#table.generation();
    if (generation !== undefined && generation === this.#generation) return undefined;
    const difference = this.#table.difference(this.#inForce);
    this.#generation = difference === undefined ? generation : undefined;
    if (difference !== undefined) this.#inForce = undefined;
    return difference;
  }

  watch({ changed, copied }: Parameters<AddressKernel['watch']>[0]): void {
    this.#table.watch(changed);
    this.#log?.listen(copied);
  }

  close(): void {
    this.#log?.close();
    this.#table.close();
    this.#route.close();
  }

  #tableFor({ sets, names }: DesiredAddresses): Table {
    const machine = { features: this.#features, group: this.#log?.group, slot: this.#slot };
    return addressTable(sets, { names, machine });
  }

  #changeSets(before: InForce, desired: DesiredAddresses): 'same' | 'changed' | 'impossible' {
    // Compared by identity, because the sets may be long and this runs at every reconcile.
    if (before.desired?.sets === desired.sets && before.desired.names === desired.names) return 'same';
    if (!before.table) return 'impossible';
    const table = this.#tableFor(desired);
    const outcome = this.#table.changeSets(before.table, table, 'Changing listed addresses');
    if (outcome !== 'impossible') this.#inForce = inForceOf(table, desired);
    return outcome;
  }

  /** Undefined when the chains are missing or differ from ours. Adopts an orphaned table. */
  #refill(desired: DesiredAddresses): Table | undefined {
    const held = this.#table.readWithSets();
    if (!held) return undefined;
    const before = this.#slot;
    this.#slot = setsLookedUp(held).some((name) => name.endsWith('a')) ? 'b' : 'a';
    const table = this.#tableFor(desired);
    if (this.#table.refill(table, held, doing)) return table;
    this.#slot = before;
    return undefined; // Everything is replaced.
  }

  #replace(desired: DesiredAddresses | undefined): Table | undefined {
    const table = desired && this.#tableFor(desired);
    const prepared = this.#table.prepare(table ? [table] : [], ['inet']);
    this.#table.put(prepared, table ? doing : 'Removing the table of listed addresses');
    return table;
  }
}

function inForceOf(table: Table | undefined, desired: DesiredAddresses | undefined): InForce {
  const tables = table ? [table] : [];
  return { table, desired, tables, text: canonicalText(tables) };
}

function shortfallOf({ log }: AddressFeatures, listenerProblem: Problem): Problem {
  if (!log) {
    return 'This kernel makes no copies of packets (nfnetlink_log): listed addresses are blocked, but not reported.';
  }
  return listenerProblem && `Listed addresses are blocked, but not reported: ${listenerProblem}`;
}
