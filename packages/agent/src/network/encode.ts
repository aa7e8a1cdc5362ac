/** Turns the table of listed addresses into one netlink batch: whole, or only what has changed in its sets. */
import { encodeBatch } from '../kernel/nftables.ts';
import type { Change } from '../kernel/nftables.ts';
import type { AddressRange, AddressSet, Table } from '../kernel/tables.ts';
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

/** Undefined when nothing has changed. Both lists have the same sets. */
export function encodeDifference(before: readonly AddressSet[], after: readonly AddressSet[]): Buffer | undefined {
  const pairs = after.map((set) => ({ set, held: before.find((one) => one.name === set.name)?.ranges ?? [] }));
  // All that goes first: a range that grows would overlap with what it was.
  const changes: Change[] = [
    ...pairs.map(({ set, held }) => change('delete-ranges', set, missing(held, set.ranges))),
    ...pairs.map(({ set, held }) => change('add-ranges', set, missing(set.ranges, held))),
  ].filter((one) => one.ranges.length > 0);
  return changes.length === 0 ? undefined : encodeBatch(changes, { rehearsal: false });
}

function change(
  kind: 'add-ranges' | 'delete-ranges',
  set: AddressSet,
  ranges: readonly AddressRange[],
): Extract<Change, { readonly ranges: unknown }> {
  return { change: kind, table: ours, set: set.name, ranges };
}

/** Those of `all` that `others` lack. */
function missing(all: readonly AddressRange[], others: readonly AddressRange[]): AddressRange[] {
  const known = new Set(others.map(({ first, last }) => `${first}-${last}`));
  return all.filter(({ first, last }) => !known.has(`${first}-${last}`));
}
