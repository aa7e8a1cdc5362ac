/** Parts of rows that several rooms use. */
import type { Row } from './tables/all.ts';

/** An agent's desired state, as its document states it. */
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

/** The same with its stored seal. */
export type SealedDesiredState = DesiredRow & Pick<Row<'agents'>, 'desired_seal'>;
