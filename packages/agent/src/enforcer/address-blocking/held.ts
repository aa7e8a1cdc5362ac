/** Reads from the kernel what our table of listed addresses holds, and says how it differs from what was put there. */
import { canonicalText } from '../../kernel/nftables/canonical.ts';
import { readTable } from '../../kernel/nftables/readback.ts';
import { generationIn, setsIn, tablesIn } from '../../kernel/nftables/dump.ts';
import { encodeDump, encodeElementDump, encodeGenerationRequest, messageType } from '../../kernel/nftables/messages.ts';
import { rangesIn } from '../../kernel/nftables/sets.ts';
import type { NetlinkSocket } from '../../kernel/netlink/socket.ts';
import type { AddressRange, Table } from '../../kernel/nftables/tables.ts';
import { objectsTableName } from './ruleset.ts';

/** Undefined when this kernel does not say. */
export function generationOf(socket: NetlinkSocket): number | undefined {
  const answer = socket.ask(encodeGenerationRequest());
  return answer && generationIn(answer);
}

export function isThere(socket: NetlinkSocket): boolean {
  return tablesNamed(socket).length > 0;
}

/** The table with its chains and the names of its sets; undefined when there is none. */
export function heldTable(socket: NetlinkSocket): Table | undefined {
  const [held] = tablesNamed(socket);
  if (!held) return undefined;
  const sets = setsIn(socket.dump(encodeDump(messageType.getSet, held), 'Listing the sets'), held);
  return { ...readTable(socket, held).table, sets };
}

/** A sentence; undefined when the kernel holds exactly this. */
export function differenceFrom(socket: NetlinkSocket, desired: Table | undefined): string | undefined {
  const [held, ...more] = tablesNamed(socket);
  if (!desired) return held ? 'The table of listed addresses is still in the kernel.' : undefined;
  if (!held) return 'The table of listed addresses is not in the kernel.';
  const { table } = readTable(socket, held);
  const dumped = socket.dump(encodeDump(messageType.getSet, held), 'Listing the sets');
  const sets = setsIn(dumped, held);
  const same = more.length === 0 && canonicalText([{ ...table, sets }]) === canonicalText([desired]);
  if (!same) return 'The rules in the kernel are not those for listed addresses; somebody changed them.';
  for (const { name, ranges } of desired.sets ?? []) {
    const found = rangesIn(socket.dump(encodeElementDump(held, name), 'Reading a set'));
    if (!found || !sameRanges(found, ranges))
      return `The set ${name} in the kernel is not what is listed; somebody changed it.`;
  }
  return undefined;
}

function tablesNamed(socket: NetlinkSocket): Table[] {
  return tablesIn(socket.dump(encodeDump(messageType.getTable), 'Listing the tables'), objectsTableName);
}

function sameRanges(one: readonly AddressRange[], other: readonly AddressRange[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ first, last }, index) => first === other[index]?.first && last === other[index]?.last)
  );
}
