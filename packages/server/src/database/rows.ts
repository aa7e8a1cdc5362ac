/** Parts of rows that several rooms pass around. */
import type { Row } from './tables.ts';

/** The desired state of an agent, as its document states it. */
export type DesiredRow = Pick<
  Row<'agents'>,
  | 'number'
  | 'entity_id'
  | 'enrolment'
  | 'server_id'
  | 'desired_isolation'
  | 'desired_installed'
  | 'desired_epoch'
  | 'desired_at'
  | 'desired_deadline'
  | 'desired_profile'
  | 'desired_message'
  | 'desired_approvals'
  | 'group_name'
>;

/** The same with the seal that lies beside it. */
export type SealedDesiredState = DesiredRow & Pick<Row<'agents'>, 'desired_seal'>;
