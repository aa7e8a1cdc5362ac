/** Reads from the kernel what Cordon's tables hold now. */
import { chainsIn, rulesIn, tablesIn } from './dump.ts';
import type { HeldRule } from './dump.ts';
import { messagesIn } from '../netlink/netlink.ts';
import type { Message } from '../netlink/netlink.ts';
import { encodeDump, messageType } from './messages.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import type { Chain, Table } from './tables.ts';
import { tableName } from '../../enforcer/isolation/ruleset.ts';

export interface Held {
  readonly tables: readonly Table[];
  readonly packetsAccepted: number;
  readonly packetsDropped: number;
}

/** Our tables with their chains and rules; none on a host that is not isolated. */
export function readBack(socket: NetlinkSocket): Held {
  const names = tablesIn(socket.dump(encodeDump(messageType.getTable), 'Listing the tables'), tableName);
  const read = names.map((table) => readTable(socket, table));
  const rules = read.flatMap((one) => one.rules);
  return {
    tables: read.map((one) => one.table),
    // A packet of the management flow passes several chains; only the two of the local host count it once.
    packetsAccepted: packets(rules, (one) => ends(one) === 'accept' && (one.chain === 'in' || one.chain === 'out')),
    packetsDropped: packets(rules, (one) => ends(one) !== 'accept'),
  };
}

/** What a batch would make of these tables, read the way a dump is read. */
export function readBatch(batch: Buffer, tables: readonly Table[]): Table[] {
  const messages = messagesIn(batch);
  const of = (type: number): Message[] => messages.filter((one) => one.type === type);
  return tables.map((table) => {
    const rules = rulesIn(of(messageType.newRule), table);
    const chains = chainsIn(of(messageType.newChain), table).map((chain) => withRules(chain, rules));
    return { family: table.family, name: table.name, flags: table.flags, chains };
  });
}

/** The chains and rules of one table; not what is in its sets. */
export function readTable(socket: NetlinkSocket, table: Table): { table: Table; rules: HeldRule[] } {
  const { family, name } = table;
  const chains = chainsIn(socket.dump(encodeDump(messageType.getChain, { family }), 'Listing the chains'), table);
  const request = encodeDump(messageType.getRule, { family, table: name });
  const rules = rulesIn(socket.dump(request, 'Listing the rules'), table);
  return { table: { ...table, chains: chains.map((chain) => withRules(chain, rules)) }, rules };
}

function withRules(chain: Chain, rules: readonly HeldRule[]): Chain {
  return { ...chain, rules: rules.filter((one) => one.chain === chain.name).map((one) => one.rule) };
}

function ends(held: HeldRule): string {
  const step = held.rule.at(-1);
  return step?.kind === 'verdict' ? step.verdict : 'drop';
}

function packets(rules: readonly HeldRule[], which: (rule: HeldRule) => boolean): number {
  return rules.filter(which).reduce((sum, one) => sum + one.packets, 0);
}
