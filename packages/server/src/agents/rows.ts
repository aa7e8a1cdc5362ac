/** An agent's row as the whole room passes it around. */
import type { Row } from '../database/database.ts';

/** An agent with where it is connected. */
export interface AgentRow extends Row<'agents'> {
  readonly seen_at: number | null;
  readonly connected: 0 | 1 | null;
}

/** A wish as an order states it. */
export type Wish = Pick<
  Row<'agents'>,
  | 'number'
  | 'entity_id'
  | 'enrolment'
  | 'server_id'
  | 'wanted_isolation'
  | 'wanted_installed'
  | 'wanted_epoch'
  | 'wanted_at'
  | 'wanted_deadline'
  | 'wanted_profile'
  | 'wanted_message'
  | 'wanted_approvals'
>;

/** A wish with the seal that lies beside it. */
export type SealedWish = Wish & Pick<Row<'agents'>, 'wish_seal'>;

/** An agent for the audit. */
export function agentName(agent: Pick<AgentRow, 'entity_id' | 'host_name'>): string {
  return `${agent.entity_id} (${agent.host_name})`;
}
