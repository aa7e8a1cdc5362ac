/** Forms of an agent's row that the rooms share. */
import type { Fact } from '../audit/audit.ts';
import type { Row } from '../database/database.ts';

/** An agent and where it is connected. */
export interface AgentRow extends Row<'agents'> {
  readonly seen_at: number | null;
  readonly connected: 0 | 1 | null;
}

export const presenceColumns = ['presence.seen_at', 'presence.connected'] as const;

/** Not all columns: SQLite hands a row over cell by cell, and the report is longer than the rest of the row. */
export const listedColumns = [
  'agents.number',
  'agents.entity_id',
  'agents.product',
  'agents.server_id',
  'agents.ad_domain',
  'agents.folder',
  'agents.ip_addresses',
  'agents.mac_addresses',
  'agents.host_name',
  'agents.platform',
  'agents.agent_version',
  'agents.can_isolate',
  'agents.desired_isolation',
  'agents.isolation_epoch',
  'agents.reported_isolation',
  'agents.reported_epoch',
  'agents.enrolled_at',
  ...presenceColumns,
] as const;

type NameOf<Column> = Column extends `${string}.${infer Name}` ? Name : never;

/** An agent as lists show it. Without its report, which is longer than all the rest. */
export type ListedAgent = Pick<AgentRow, NameOf<(typeof listedColumns)[number]>>;

/** The columns of an agent that a document must name. */
export type Addressee = Pick<Row<'agents'>, 'number' | 'entity_id' | 'enrolment' | 'host_name'>;

/** An agent for the audit. */
export function agentName(agent: Pick<AgentRow, 'entity_id' | 'host_name'>): string {
  return `${agent.entity_id} (${agent.host_name})`;
}

/** The subject of an audit entry that is about one agent. */
export function about(agent: Pick<AgentRow, 'number' | 'entity_id' | 'host_name'>): Pick<Fact, 'target' | 'agents'> {
  return { target: agentName(agent), agents: [agent.number] };
}
