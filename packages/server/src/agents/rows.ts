/** Forms of an agent's row that the rooms share. */
import type { Fact } from '../audit/audit.ts';
import type { Row } from '../database/database.ts';

/** An agent and where it is connected. */
export interface AgentRow extends Row<'agents'> {
  readonly seen_at: number | null;
  readonly connected: 0 | 1 | null;
}

/** An agent as lists show it. Without its report, which is longer than all the rest. */
export type ListedAgent = Pick<
  AgentRow,
  | 'number'
  | 'entity_id'
  | 'product'
  | 'server_id'
  | 'ad_domain'
  | 'folder'
  | 'ip_addresses'
  | 'mac_addresses'
  | 'host_name'
  | 'platform'
  | 'agent_version'
  | 'can_isolate'
  | 'desired_isolation'
  | 'isolation_epoch'
  | 'reported_isolation'
  | 'reported_epoch'
  | 'enrolled_at'
  | 'seen_at'
  | 'connected'
>;

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
