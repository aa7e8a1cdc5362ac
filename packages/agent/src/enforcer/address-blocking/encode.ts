/** Turns the table of listed addresses into one netlink batch: whole, or only what has changed in its sets. */
import { encodeBatch } from '../../kernel/nftables/messages.ts';
import type { Change } from '../../kernel/nftables/messages.ts';
import type { AddressRange, AddressSet, Rule, Table } from '../../kernel/nftables/tables.ts';
import { objectsTableName } from './ruleset.ts';

const ours = { family: 'inet', name: objectsTableName } as const;
const removal: readonly Change[] = [
  { change: 'ensure-table', table: ours },
  { change: 'delete-table', table: ours },
];

/** As with the isolation: the same bytes work on a clean host, over our own table and over an orphan. */
export function encodeWhole(table: Table | undefined): Buffer {
  const additions: Change[] = table ? [{ change: 'add-table', table }] : [];
  return encodeBatch([...removal, ...additions], { rehearsal: false });
}

/** Checked by the kernel and never put in force. */
export function encodeTrial(table: Table): Buffer {
  const trial = { ...table, name: `${objectsTableName}_rehearsal` };
  return encodeBatch([{ change: 'add-table', table: trial }], { rehearsal: true });
}

/**
 * As the whole, in the chains that are there, so that no packet passes without one list or the other. First the sets,
 * of which no rule knows yet: the kernel may publish what is in a set a moment after the rules that look it up. Then
 * the rules, which change places in one instant. Chains that take the place of others do not have that: the kernel
 * puts a new one ahead of the old, so a packet may pass the new one too early and the old one too late.
 */
export function encodeRefill(table: Table, held: Table): { sets: Buffer; rules: Buffer } {
  const named = (held.sets ?? []).map(({ name }) => name);
  const lookedUp = new Set(held.chains.flatMap(({ rules }) => rules.flatMap((rule) => setsOf(rule))));
  const [used, unused] = [true, false].map((which) => named.filter((name) => lookedUp.has(name) === which));
  return {
    sets: encodeBatch([{ change: 'add-sets', table, unused: unused ?? [] }], { rehearsal: false }),
    rules: encodeBatch([{ change: 'refill-chains', table, used: used ?? [] }], { rehearsal: false }),
  };
}

/** The names of the sets that a rule looks up. */
export function setsOf(rule: Rule): string[] {
  return rule.flatMap((step) => (step.kind === 'lookup' ? [step.set] : []));
}

/**
 * Undefined when nothing has changed; `overlap` when a range takes the place of another that it has addresses in
 * common with, or touches: the kernel takes the one away a moment before it looks up the other. Both lists have the
 * same sets.
 */
export function encodeDifference(
  before: readonly AddressSet[],
  after: readonly AddressSet[],
): Buffer | 'overlap' | undefined {
  const changes: Change[] = [];
  for (const { name, ranges } of after) {
    const held = before.find((one) => one.name === name)?.ranges ?? [];
    const [gone, come] = [missing(held, ranges), missing(ranges, held)];
    if (meet(gone, come)) return 'overlap';
    if (gone.length > 0) changes.push({ change: 'delete-ranges', table: ours, set: name, ranges: gone });
    if (come.length > 0) changes.push({ change: 'add-ranges', table: ours, set: name, ranges: come });
  }
  return changes.length === 0 ? undefined : encodeBatch(changes, { rehearsal: false });
}

/** Those of `all` that `others` lack. */
function missing(all: readonly AddressRange[], others: readonly AddressRange[]): AddressRange[] {
  const known = new Set(others.map(({ first, last }) => `${first}-${last}`));
  return all.filter(({ first, last }) => !known.has(`${first}-${last}`));
}

/** Both are sorted. */
function meet(some: readonly AddressRange[], others: readonly AddressRange[]): boolean {
  let at = 0;
  for (const { first, last } of some) {
    while (at < others.length && isBefore(others[at]?.last ?? '', first)) at += 1;
    const other = others[at];
    if (other && !isBefore(last, other.first)) return true;
  }
  return false;
}

/** With at least one address in between. */
function isBefore(last: string, first: string): boolean {
  return BigInt(`0x${last}`) + 1n < BigInt(`0x${first}`);
}
