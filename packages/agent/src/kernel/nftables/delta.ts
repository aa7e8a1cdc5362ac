/** Encodes the change from one table to another without replacing it: only its sets, or its sets and rules. */
import { encodeBatch } from './messages.ts';
import type { Change } from './messages.ts';
import type { AddressRange, Table } from './tables.ts';

/**
 * First the sets, which no rule looks up yet: the kernel may publish the elements of a set a moment after the rules
 * that look it up. Then the rules, which change in one instant. New chains in place of old ones would not work: the
 * kernel puts a new chain ahead of the old, so a packet may pass the new one too early and the old one too late.
 */
export function encodeRefill(table: Table, held: Table): { sets: Buffer; rules: Buffer } {
  const names = (held.sets ?? []).map(({ name }) => name);
  const lookedUp = new Set(setsLookedUp(held));
  const used = names.filter((name) => lookedUp.has(name));
  const unused = names.filter((name) => !lookedUp.has(name));
  return {
    sets: encodeBatch([{ kind: 'add-sets', table, unused }], { rehearsal: false }),
    rules: encodeBatch([{ kind: 'refill-chains', table, used }], { rehearsal: false }),
  };
}

/** The names of the sets that the rules of a table look up. */
export function setsLookedUp({ chains }: Table): string[] {
  const steps = chains.flatMap(({ rules }) => rules.flat());
  return steps.flatMap((step) => (step.kind === 'lookup' ? [step.set] : []));
}

/**
 * Undefined when no range has changed; `overlap` when a range replaces another that it overlaps or touches, because the
 * kernel removes the old one a moment before it looks up the new one. Both tables have the same sets.
 */
export function encodeSetChanges(before: Table, after: Table): Buffer | 'overlap' | undefined {
  const changes: Change[] = [];
  for (const { name, ranges } of after.sets ?? []) {
    const held = before.sets?.find((one) => one.name === name)?.ranges ?? [];
    const [gone, added] = [missing(held, ranges), missing(ranges, held)];
    if (meet(gone, added)) return 'overlap';
    if (gone.length > 0) changes.push({ kind: 'delete-ranges', table: after, set: name, ranges: gone });
    if (added.length > 0) changes.push({ kind: 'add-ranges', table: after, set: name, ranges: added });
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
