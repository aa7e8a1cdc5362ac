/** The table of agents. */
import type { Agent } from '@cordon/sdk';
import { table } from '../../text/table.ts';
import type { Column } from '../../text/table.ts';
import type { Output } from '../../world/world.ts';

const colors: Partial<Record<Agent['isolation'], string>> = {
  isolated: '31',
  isolating: '33',
  releasing: '33',
  unsupported: '2',
  unknown: '35',
};

const columns: readonly Column<Agent>[] = [
  { title: 'HOST NAME', cell: (agent) => agent.hostName, cut: true },
  { title: 'STATUS', cell: isolationWord, color: (agent) => colors[agent.isolation] },
  { title: 'CONNECTION', cell: (agent) => agent.connection?.toLowerCase() ?? '' },
  { title: 'ADDRESSES', cell: (agent) => agent.addresses.join(' '), cut: true, spare: true },
  { title: 'PRODUCT', cell: (agent) => agent.product, cut: true, spare: true },
  { title: 'ENTITY ID', cell: (agent) => agent.entityId },
];

export function agentTable(agents: readonly Agent[], output: Output): string {
  return table(columns, agents, output);
}

interface Target {
  readonly agent: string;
  readonly hostName: string;
  readonly isolation?: string;
}

/** Agents, with the fields that an action of the console API returns. */
export function targetTable(targets: readonly Target[], output: Output): string {
  return table(targetColumns, targets, output);
}

const targetColumns: readonly Column<Target>[] = [
  { title: 'HOST NAME', cell: (target) => target.hostName, cut: true },
  { title: 'STATUS', cell: (target) => target.isolation ?? '' },
  { title: 'ENTITY ID', cell: (target) => target.agent },
];

/** An unknown status is shown as received. */
export function isolationWord(agent: Agent): string {
  return agent.isolation === 'unknown' ? agent.isolationStatus : agent.isolation;
}
