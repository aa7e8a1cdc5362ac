/** Which room owns which table, and which others may name it in SQL. A test checks it. */
import type { Tables } from './tables/all.ts';

/**
 * Only its owner changes a table; other rooms call what the owner exports. `settings` and `counters` hold names and
 * values: each room has its own names in them.
 */
export const owners: { readonly [T in keyof Tables]: string } = {
  settings: 'every room',
  counters: 'database',
  servers: 'servers',
  accounts: 'accounts',
  recovery_codes: 'accounts',
  sessions: 'sign-in',
  sign_in_failures: 'sign-in',
  applications: 'applications',
  enrolment_tokens: 'enrolment',
  agents: 'agents',
  agent_search: 'agents',
  agent_addresses: 'agents',
  presence: 'agents',
  commands: 'commands',
  profiles: 'profiles',
  groups: 'groups',
  approvals: 'guard',
  audit: 'audit',
  audit_head: 'audit',
  audit_checkpoints: 'audit',
  audit_agents: 'audit',
  suspicious_objects: 'suspicious-objects',
  refused_listings: 'listing-safety',
  prevalence_records: 'listing-safety',
  detections: 'detections',
  detection_counts: 'detections',
  detection_spools: 'detections',
  quarantined_files: 'quarantine',
  fleet_tasks: 'tasks',
  agent_tasks: 'tasks',
  searched_files: 'tasks',
  event_outbox: 'delivery',
  events: 'delivery',
  leases: 'delivery',
  webhooks: 'webhooks',
  deliveries: 'webhooks',
  syslog: 'syslog',
  measured_fleet: 'overview',
  measured_isolations: 'overview',
};

export interface ForeignAccess {
  readonly room: string;
  readonly table: keyof Tables;
  readonly access: 'read' | 'write';
  readonly reason: string;
}

const scope = 'joins the agents, so that the database leaves out those outside of the caller’s folders';
const count = 'counts agents in one statement, in the transaction or snapshot of its own answer';

/** Every exception. One that is no longer needed must be removed. */
export const foreignAccess: readonly ForeignAccess[] = [
  { room: 'audit', table: 'agents', access: 'read', reason: scope },
  {
    room: 'desired-state',
    table: 'agents',
    access: 'read',
    reason: 'locks the agents whose desired state it changes',
  },
  {
    room: 'desired-state',
    table: 'agents',
    access: 'write',
    reason: 'writes the desired_ columns and their seal, which are its own',
  },
  { room: 'commands', table: 'agents', access: 'read', reason: scope },
  { room: 'detections', table: 'agents', access: 'read', reason: scope },
  { room: 'quarantine', table: 'agents', access: 'read', reason: scope },
  { room: 'tasks', table: 'agents', access: 'read', reason: scope },
  { room: 'tasks', table: 'presence', access: 'read', reason: 'shows who of a task’s agents is online, in one page' },
  { room: 'listing-safety', table: 'agents', access: 'read', reason: 'leaves removed agents out of its sums' },
  {
    room: 'listing-safety',
    table: 'fleet_tasks',
    access: 'read',
    reason: 'counts who has looked for a file, in one statement',
  },
  {
    room: 'listing-safety',
    table: 'agent_tasks',
    access: 'read',
    reason: 'counts who has looked for a file, in one statement',
  },
  {
    room: 'listing-safety',
    table: 'searched_files',
    access: 'read',
    reason: 'counts who has looked for a file, in one statement',
  },
  { room: 'overview', table: 'agents', access: 'read', reason: `${scope}; ${count}` },
  {
    room: 'overview',
    table: 'commands',
    access: 'read',
    reason: 'finds when an isolation was requested, in one statement',
  },
];
