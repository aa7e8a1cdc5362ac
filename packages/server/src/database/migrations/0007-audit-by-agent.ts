/** Which agents a line of the audit is about, so that an agent finds its own however many others there are. */
import type { Migration } from '../migrate.ts';

/** Entity IDs in a target of at most 500 characters begin here at the latest. */
const lastPlace = 500 - 36 + 1;

export const auditByAgent: Migration = {
  name: '0007-audit-by-agent',
  statements: ({ big }) => [
    `create table audit_agents (
       agent_number ${big} not null, audit_id ${big} not null, primary key (agent_number, audit_id))`,
    // Lines from before name their agents in their target only: "<entity ID> (<host name>), <entity ID> (…".
    `insert into audit_agents (agent_number, audit_id)
       with recursive places (place) as (select 1 union all select place + 1 from places where place < ${lastPlace})
       select distinct agents.number, audit.id
       from audit
       join places on place <= length(audit.target) - 35 and substr(audit.target, place + 8, 1) = '-'
       join agents on agents.entity_id = substr(audit.target, place, 36)`,
    // The newest commands of an agent, page by page.
    `create index commands_of_agent on commands (agent_number, id)`,
  ],
};
