/** Whether a line of the audit is of an agent that somebody reaches, for those who see a part of it only. */
import type { Migration } from '../migrate.ts';

export const auditByLine: Migration = {
  name: '0011-audit-by-line',
  statements: () => [`create index audit_agents_by_line on audit_agents (audit_id, agent_number)`],
};
