/** What lets suspicious objects bite: groups of agents, detections, the vault's contents, tasks, and who holds a file. */
import type { Migration } from '../migrate.ts';

export const suspiciousObjectsBite: Migration = {
  name: '0003-suspicious-objects-bite',
  statements: ({ big }) => [
    `create table groups (name text primary key, settings text not null, changed_at ${big} not null, seal text not null)`,
    `alter table agents add column group_name text not null default 'default'`,
    `alter table agents add column object_status text`,
    `create index agents_by_group on agents (group_name)`,
    `alter table suspicious_objects add column enforce_in text`,
    `alter table suspicious_objects add column halt_above ${big}`,
    `alter table suspicious_objects add column halted_at ${big}`,
    `alter table suspicious_objects add column halted_why text`,
    `alter table suspicious_objects add column confirmed integer not null default 0`,
    `alter table suspicious_objects add column detections ${big} not null default 0`,
    `create table shield_asks (digest text primary key, at ${big} not null)`,
    ...detections(big),
    ...tasks(big),
    `insert into counters (name, value) values ('groups', 0), ('detections', 0)`,
  ],
};

function detections(big: string): string[] {
  return [
    `create table detection_marks (
       agent_number ${big} primary key, enrolment text not null, sequence ${big} not null,
       hour ${big} not null, stored integer not null)`,
    `create table detections (
       id ${big} primary key, agent_number ${big} not null, enrolment text not null, sequence ${big} not null,
       received_at ${big} not null, at ${big} not null, detected_by text not null, object_type text not null,
       object_content text not null, action text not null, count ${big} not null, folded integer not null,
       search text not null, body text not null,
       unique (agent_number, enrolment, sequence))`,
    `create index detections_by_agent on detections (agent_number, id)`,
    `create index detections_folded on detections (agent_number, received_at) where folded = 1`,
    `create index detections_by_object on detections (object_type, object_content, received_at)`,
    `create index detections_by_receipt on detections (received_at)`,
    `create index detections_by_time on detections (at)`,
    `create table quarantined_files (
       agent_number ${big} not null, quarantine text not null, object_type text not null, object_content text not null,
       path text not null, sha1 text not null, size ${big} not null, at ${big} not null, state text not null,
       sentence text, primary key (agent_number, quarantine))`,
    `create index quarantined_files_by_object on quarantined_files (object_type, object_content, state)`,
    `create index quarantined_files_by_name on quarantined_files (quarantine)`,
    `create index quarantined_files_by_time on quarantined_files (at)`,
  ];
}

function tasks(big: string): string[] {
  return [
    `create table fleet_tasks (
       id text primary key, kind text not null, work text not null, requested_by text not null,
       requested_at ${big} not null, expires_at ${big} not null, cancelled_at ${big},
       undo_type text, undo_content text, after_revision ${big} not null default 0)`,
    `create index fleet_tasks_by_request on fleet_tasks (requested_at)`,
    `create index fleet_tasks_by_cancel on fleet_tasks (cancelled_at)`,
    `create index fleet_tasks_by_undo on fleet_tasks (undo_type, undo_content)`,
    `create table agent_tasks (
       task text not null, agent_number ${big} not null, work text, seal text not null, state text not null,
       at ${big} not null, files ${big} not null, bytes ${big} not null, found ${big} not null, progress text,
       primary key (task, agent_number))`,
    `create index agent_tasks_by_agent on agent_tasks (agent_number, state)`,
    `create table find_files (task text not null, sha1 text not null, primary key (sha1, task))`,
    `create table sightings (
       agent_number ${big} not null, sha1 text not null, paths integer not null, package text,
       last_seen ${big} not null, primary key (sha1, agent_number))`,
  ];
}
