/** The tables of the first release. Never edited once released: a later change is a new migration. */
import type { DialectSql, Migration } from '../migration.ts';

export const firstRelease: Migration = {
  name: '0001-first-release',
  statements: (sql) => [
    ...server(sql),
    ...accounts(sql),
    ...applications(sql),
    ...agents(sql),
    ...isolation(sql),
    ...audit(sql),
    ...suspiciousObjects(sql),
    ...detections(sql),
    ...tasks(sql),
    ...notifications(sql),
    ...overview(sql),
  ],
};

function server({ big }: DialectSql): string[] {
  return [
    `create table settings (name text primary key, value text not null)`,
    `create table counters (name text primary key, value ${big} not null)`,
    `insert into counters (name, value) values
       ('objects', 0), ('applications', 0), ('servers', 0), ('profiles', 0), ('groups', 0), ('detections', 0)`,
    `create table servers (
       id text primary key, host_name text not null, product text not null, gateways text not null,
       fingerprint text not null, version text not null, started_at ${big} not null, seen_at ${big} not null)`,
  ];
}

function accounts({ big }: DialectSql): string[] {
  return [
    `create table accounts (
       user_name text primary key, password_hash text not null, role text not null,
       scope text not null default '[]', disabled integer not null default 0,
       must_change_password integer not null default 0, totp_secret text, totp_pending text,
       totp_step ${big} not null default 0, created_at ${big} not null,
       last_sign_in_at ${big}, last_sign_in_from text)`,
    `create table sessions (
       token_hash text primary key, user_name text not null, kind text not null default 'token',
       source text not null default '', created_at ${big} not null, last_used_at ${big} not null default 0,
       expires_at ${big} not null)`,
    `create index sessions_by_user on sessions (user_name)`,
    `create table recovery_codes (user_name text not null, code_hash text not null, primary key (user_name, code_hash))`,
    // By name and address instead of by account: unknown names count as well.
    `create table sign_in_failures (
       name text primary key, failures integer not null, locked_until ${big} not null, at ${big} not null)`,
  ];
}

function applications({ big }: DialectSql): string[] {
  return [
    `create table applications (
       id text primary key, name text not null, sealed_key text not null, enabled integer not null,
       timeout_seconds integer not null, created_by text not null, key_created_by text not null default '',
       created_at ${big} not null, last_used_at ${big}, last_used_from text)`,
  ];
}

function agents({ id, big }: DialectSql): string[] {
  return [
    `create table enrolment_tokens (
       id text primary key, secret_hash text not null unique, uses integer not null, uses_left integer not null,
       expires_at ${big} not null, note text not null, created_by text not null, created_at ${big} not null)`,
    `create table agents (
       number ${id}, entity_id text not null unique, enrolment text not null, public_key text not null,
       product text not null, server_id text not null, ad_domain text not null, folder text not null,
       ip_addresses text not null, mac_addresses text not null, host_name text not null, host_name_key text not null,
       platform text not null, agent_version text not null, can_isolate integer not null,
       desired_isolation text not null, desired_epoch ${big} not null, isolation_epoch ${big} not null,
       desired_installed integer not null, desired_at ${big} not null, desired_deadline ${big}, desired_profile text,
       desired_message text, desired_approvals integer not null default 1, desired_seal text not null default '',
       protected integer not null default 0, tampering_count integer not null default 0, tampering_at ${big},
       reported_isolation text not null, reported_epoch ${big} not null, reported_at ${big}, report text, problem text,
       objects_revision ${big} not null, object_status text, group_name text not null default 'default',
       enrolled_at ${big} not null, removed_at ${big})`,
    `create index agents_by_host_name on agents (host_name_key)`,
    `create index agents_by_product on agents (lower(product))`,
    `create index agents_by_server on agents (server_id)`,
    `create index agents_by_desired_at on agents (desired_at)`,
    `create index agents_by_desired_isolation on agents (desired_isolation)`,
    `create index agents_by_group on agents (group_name)`,
    // Narrow on purpose: a search reads all of it, and a row of "agents" is mostly its report.
    `create table agent_search (
       agent_number ${big} primary key, host_name_key text not null, folder text not null, words text not null)`,
    `create index agent_search_in_order on agent_search (host_name_key, agent_number)`,
    `create table agent_addresses (
       agent_number ${big} not null, kind text not null, address text not null,
       primary key (kind, address, agent_number))`,
    `create index agent_addresses_by_agent on agent_addresses (agent_number)`,
    `create table presence (
       agent_number ${big} primary key, server_id text not null, connected integer not null, seen_at ${big} not null)`,
    `create table groups (name text primary key, settings text not null, changed_at ${big} not null, seal text not null)`,
  ];
}

function isolation({ id, big }: DialectSql): string[] {
  return [
    `create table commands (
       id ${id}, agent_number ${big} not null, act text not null, requested_by text not null,
       requested_at ${big} not null, epoch ${big} not null, state text not null, outcome text, finished_at ${big})`,
    `create index commands_by_agent on commands (agent_number, state)`,
    `create index commands_by_requester on commands (requested_by, requested_at)`,
    // An agent's newest commands, page by page.
    `create index commands_of_agent on commands (agent_number, id)`,
    `create table profiles (
       name text primary key, exceptions text not null, dhcp integer not null, changed_at ${big} not null)`,
    `create table approvals (
       id ${id}, act text not null, change text not null, reason text not null, agents text not null,
       reasons text not null, requested_by text not null, also_requested_by text not null default '[]',
       requested_at ${big} not null, expires_at ${big} not null, state text not null,
       decided_by text, decided_at ${big})`,
  ];
}

function audit({ id, big }: DialectSql): string[] {
  return [
    `create table audit (
       id ${id}, at ${big} not null, actor text not null, source text not null, act text not null,
       target text not null, outcome text not null, detail text not null, request_id text not null,
       hash text not null default '')`,
    `create table audit_head (one integer primary key, id ${big} not null, hash text not null)`,
    `insert into audit_head (one, id, hash) values (1, 0, '${'0'.repeat(64)}')`,
    `create table audit_checkpoints (
       id ${big} primary key, hash text not null, at ${big} not null, signature text not null)`,
    `create table audit_agents (
       agent_number ${big} not null, audit_id ${big} not null, primary key (agent_number, audit_id))`,
    // For accounts limited to folders: whether a line is about an agent that they may see.
    `create index audit_agents_by_line on audit_agents (audit_id, agent_number)`,
  ];
}

function suspiciousObjects({ big }: DialectSql): string[] {
  return [
    `create table suspicious_objects (
       type text not null, content text not null, notes text not null, scan_action text not null,
       expires_at ${big}, size ${big}, sha256 text, revision ${big} not null, removed integer not null,
       added_at ${big} not null, changed_at ${big} not null, enforce_in text, halt_above ${big}, halted_at ${big},
       halt_reason text, confirmed integer not null default 0, detections ${big} not null default 0,
       primary key (type, content))`,
    `create index suspicious_objects_by_revision on suspicious_objects (revision)`,
    `create table refused_listings (digest text primary key, at ${big} not null)`,
    `create table prevalence_records (
       agent_number ${big} not null, sha1 text not null, path_count integer not null, package text,
       last_seen_at ${big} not null, primary key (sha1, agent_number))`,
    // Records are deleted by age, and with their agent.
    `create index prevalence_records_by_time on prevalence_records (last_seen_at)`,
    `create index prevalence_records_by_agent on prevalence_records (agent_number)`,
  ];
}

function detections({ big }: DialectSql): string[] {
  return [
    `create table detections (
       id ${big} primary key, agent_number ${big} not null, spool text not null, sequence ${big} not null,
       received_at ${big} not null, at ${big} not null, detected_by text not null, object_type text not null,
       object_content text not null, action text not null, count ${big} not null, folded integer not null,
       search text not null, body text not null,
       unique (agent_number, spool, sequence))`,
    `create index detections_by_agent on detections (agent_number, id)`,
    `create index detections_folded on detections (agent_number, received_at) where folded = 1`,
    `create index detections_by_object on detections (object_type, object_content, received_at)`,
    `create index detections_by_receipt on detections (received_at)`,
    `create index detections_by_time on detections (at)`,
    `create table detection_counts (
       agent_number ${big} primary key, hour ${big} not null, stored integer not null)`,
    `create table detection_spools (
       agent_number ${big} not null, spool text not null, sequence ${big} not null, at ${big} not null,
       primary key (agent_number, spool))`,
    `create table quarantined_files (
       agent_number ${big} not null, quarantine text not null, object_type text not null, object_content text not null,
       path text not null, sha1 text not null, size ${big} not null, at ${big} not null, state text not null,
       message text, primary key (agent_number, quarantine))`,
    `create index quarantined_files_by_object on quarantined_files (object_type, object_content, state)`,
    `create index quarantined_files_by_name on quarantined_files (quarantine)`,
    `create index quarantined_files_by_time on quarantined_files (at)`,
  ];
}

function tasks({ big }: DialectSql): string[] {
  return [
    `create table fleet_tasks (
       id text primary key, kind text not null, work text not null, requested_by text not null,
       requested_at ${big} not null, expires_at ${big} not null, cancelled_at ${big}, cancel_reason text,
       undo_type text, undo_content text, after_revision ${big} not null default 0)`,
    `create index fleet_tasks_by_request on fleet_tasks (requested_at)`,
    `create index fleet_tasks_by_cancel on fleet_tasks (cancelled_at)`,
    `create index fleet_tasks_by_undo on fleet_tasks (undo_type, undo_content)`,
    `create table agent_tasks (
       task text not null, agent_number ${big} not null, work text, seal text not null, state text not null,
       at ${big} not null, files ${big} not null, bytes ${big} not null, found ${big} not null, progress text,
       primary key (task, agent_number))`,
    `create index agent_tasks_by_agent on agent_tasks (agent_number, state)`,
    // The totals of a task are read from this index alone.
    `create index agent_tasks_by_state on agent_tasks (task, state, agent_number, files, bytes, found)`,
    `create table searched_files (task text not null, sha1 text not null, primary key (sha1, task))`,
  ];
}

function notifications({ id, big }: DialectSql): string[] {
  return [
    // Written with the change that the event reports; with several nodes, ids become visible out of order.
    `create table event_outbox (id ${id}, at ${big} not null, kind text not null, body text not null)`,
    // Moved here by one node at a time, so that a reader that continues from an id misses nothing.
    `create table events (id ${id}, at ${big} not null, kind text not null, body text not null)`,
    `create index events_by_at on events (at)`,
    `create table leases (name text primary key, holder text not null, heartbeat ${big} not null)`,
    `insert into leases (name, holder, heartbeat) values ('notifications', '', 0)`,
    `create table webhooks (
       id text primary key, name text not null, url text not null, kinds text not null, enabled integer not null,
       ca text, allow_plain integer not null, sealed_secret text not null, sealed_previous text,
       previous_until ${big} not null, created_by text not null, created_at ${big} not null,
       state text not null, cursor ${big} not null, attempts integer not null, failing_since ${big}, next_at ${big},
       last_error text, delivered_at ${big})`,
    `create table deliveries (
       id ${id}, webhook_id text not null, event_id ${big} not null, kind text not null, at ${big} not null,
       attempt integer not null, status integer, milliseconds integer not null, error text)`,
    `create index deliveries_by_webhook on deliveries (webhook_id, id)`,
    `create table syslog (
       one integer primary key, settings text not null, cursor ${big} not null, audit_cursor ${big} not null,
       connected integer not null, last_error text, changed_at ${big})`,
  ];
}

function overview({ big }: DialectSql): string[] {
  return [
    `create table measured_fleet (
       at ${big} not null, server_id text not null, online ${big} not null, isolated ${big} not null,
       primary key (at, server_id))`,
    `create table measured_isolations (at ${big} not null, agent_number ${big} not null, milliseconds ${big} not null)`,
    `create index measured_isolations_by_time on measured_isolations (at)`,
  ];
}
