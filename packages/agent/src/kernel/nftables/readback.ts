/** Reads tables from the kernel, or from a batch as the kernel would. */
import { chainsIn, generationIn, rulesIn, setsIn, tablesIn } from './dump.ts';
import type { HeldRule } from './dump.ts';
import { messagesIn } from '../netlink/netlink.ts';
import type { Message } from '../netlink/netlink.ts';
import { encodeDump, encodeElementDump, encodeGenerationRequest, messageType } from './messages.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { rangesIn } from './sets.ts';
import type { AddressRange, AddressSet, Chain, Table } from './tables.ts';

/** A table as the kernel holds it; `rules` are those of all its chains, with their counters. */
export interface HeldTable {
  readonly table: Table;
  readonly rules: readonly HeldRule[];
}

/** All tables of this name with their chains and rules, whatever the family; not their sets. */
export function readTables(socket: NetlinkSocket, name: string): HeldTable[] {
  const named = tablesIn(socket.dump(encodeDump(messageType.getTable), 'Listing the tables'), name);
  return named.map((table) => {
    const { family } = table;
    const chains = chainsIn(socket.dump(encodeDump(messageType.getChain, { family }), 'Listing the chains'), table);
    const request = encodeDump(messageType.getRule, { family, table: name });
    const rules = rulesIn(socket.dump(request, 'Listing the rules'), table);
    return { table: { ...table, chains: chains.map((chain) => withRules(chain, rules)) }, rules };
  });
}

/** The sets of a table, without their ranges. */
export function readSets(socket: NetlinkSocket, table: Table): AddressSet[] {
  return setsIn(socket.dump(encodeDump(messageType.getSet, table), 'Listing the sets'), table);
}

/** The ranges of one set, sorted; undefined when we could not have written them. */
export function readRanges(socket: NetlinkSocket, table: Table, set: string): AddressRange[] | undefined {
  return rangesIn(socket.dump(encodeElementDump(table, set), 'Reading a set'));
}

/** Undefined when this kernel does not say. */
export function readGeneration(socket: NetlinkSocket): number | undefined {
  const answer = socket.ask(encodeGenerationRequest());
  return answer && generationIn(answer);
}

/** What a batch would make of these tables, read as a dump is read. */
export function readBatch(batch: Buffer, tables: readonly Table[]): Table[] {
  const messages = messagesIn(batch);
  const of = (type: number): Message[] => messages.filter((one) => one.type === type);
  return tables.map((table) => {
    const rules = rulesIn(of(messageType.newRule), table);
    const chains = chainsIn(of(messageType.newChain), table).map((chain) => withRules(chain, rules));
    return { family: table.family, name: table.name, flags: table.flags, chains };
  });
}

function withRules(chain: Chain, rules: readonly HeldRule[]): Chain {
  return { ...chain, rules: rules.filter((one) => one.chain === chain.name).map((one) => one.rule) };
}
