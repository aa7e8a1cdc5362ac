/** What makes isolation safe to hold: deadlines, profiles, protected endpoints, approvals, and a chained audit. */
import type { Migration } from '../migrate.ts';

export const safeIsolation: Migration = {
  name: '0002-safe-isolation',
  statements: ({ id, big }) => [
    `alter table agents add column desired_deadline ${big}`,
    `alter table agents add column desired_profile text`,
    `alter table agents add column desired_message text`,
    `alter table agents add column desired_approvals integer not null default 1`,
    `alter table agents add column desired_seal text not null default ''`,
    `alter table agents add column protected integer not null default 0`,
    `alter table agents add column tampering_count integer not null default 0`,
    `alter table agents add column tampering_at ${big}`,
    `create index agents_by_wanted_isolation on agents (desired_isolation)`,
    `create index commands_by_requester on commands (requested_by, requested_at)`,
    `create table profiles (
       name text primary key, exceptions text not null, dhcp integer not null, changed_at ${big} not null)`,
    `create table approvals (
       id ${id}, act text not null, change text not null, reason text not null, agents text not null,
       reasons text not null,
       requested_by text not null, requested_at ${big} not null, expires_at ${big} not null,
       state text not null, decided_by text, decided_at ${big})`,
    `create table audit_head (one integer primary key, id ${big} not null, hash text not null)`,
    `create table audit_checkpoints (
       id ${big} primary key, hash text not null, at ${big} not null, signature text not null)`,
    `alter table audit add column hash text not null default ''`,
    // Lines from before the chain are left out of it: their hashes would prove nothing.
    `delete from audit`,
    `insert into audit_head (one, id, hash) values (1, 0, '${'0'.repeat(64)}')`,
    `insert into counters (name, value) values ('profiles', 0)`,
  ],
};
