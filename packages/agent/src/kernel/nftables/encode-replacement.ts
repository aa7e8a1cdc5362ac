/** Turns tables into the bytes of one netlink batch that replaces whatever Cordon holds, in one instant. */
import { encodeBatch } from './messages.ts';
import type { Change } from './messages.ts';
import type { Chain, Family, Table } from './tables.ts';
import { tableName } from '../../enforcer/isolation/ruleset.ts';

/**
 * Ensure, delete, add: the same bytes work on a clean host, over our own table and over the orphan of an agent that
 * died. `held` names the families that may hold a table of ours already and are not wanted any more.
 */
export function encodeReplacement(desired: readonly Table[], families: readonly Family[]): Buffer {
  const removals = families.flatMap((family) => removal({ family, name: tableName }));
  const additions = desired.map((table): Change => ({ change: 'add-table', table }));
  return encodeBatch([...removals, ...additions], { rehearsal: false });
}

/**
 * The same tables under another name, checked by the kernel and never put in force. Chains accept instead of drop,
 * because the kernel hooks a chain up while it checks it.
 */
export function encodeRehearsal(tables: readonly Table[]): Buffer {
  const harmless = tables.map((table): Change => {
    const chains = table.chains.map((chain): Chain => ({ ...chain, policy: 'accept' }));
    return { change: 'add-table', table: { ...table, name: `${tableName}_rehearsal`, chains } };
  });
  return encodeBatch(harmless, { rehearsal: true });
}

function removal(table: { family: Family; name: string }): Change[] {
  return [
    { change: 'ensure-table', table },
    { change: 'delete-table', table },
  ];
}
