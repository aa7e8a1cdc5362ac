/** The first tables. Never edited once released; what changes later is a migration of its own. */
import type { Migration } from '../migrate.ts';

export const first: Migration = {
  name: '0001-first',
  statements: ({ id, big }) => [
    `create table settings (name text primary key, value text not null)`,
    `create table counters (name text primary key, value ${big} not null)`,
    `create table servers (
       id text primary key, host_name text not null, product text not null, gateways text not null,
       fingerprint text not null, version text not null, started_at ${big} not null, seen_at ${big} not null)`,
    `create table accounts (
       user_name text primary key, password_hash text not null, role text not null,
       failures integer not null default 0, locked_until ${big} not null default 0, created_at ${big} not null)`,
    `create table sessions (
       token_hash text primary key, user_name text not null, created_at ${big} not null, expires_at ${big} not null)`,
    `create table applications (
       id text primary key, name text not null, sealed_key text not null, enabled integer not null,
       timeout_seconds integer not null, created_by text not null, created_at ${big} not null,
       last_used_at ${big}, last_used_from text)`,
    `create table enrolment_tokens (
       id text primary key, secret_hash text not null unique, uses integer not null, uses_left integer not null,
       expires_at ${big} not null, note text not null, created_by text not null, created_at ${big} not null)`,
    `create table agents (
       number ${id}, entity_id text not null unique, enrolment text not null, public_key text not null,
       product text not null, server_id text not null, ad_domain text not null, folder text not null,
       ip_addresses text not null, mac_addresses text not null, host_name text not null, host_name_key text not null,
       platform text not null, agent_version text not null, can_isolate integer not null,
       desired_isolation text not null, desired_epoch ${big} not null, isolation_epoch ${big} not null,
       desired_installed integer not null, desired_at ${big} not null,
       reported_isolation text not null, reported_epoch ${big} not null, reported_at ${big}, report text, problem text,
       objects_revision ${big} not null, enrolled_at ${big} not null, removed_at ${big})`,
    `create index agents_by_host_name on agents (host_name_key)`,
    `create index agents_by_product on agents (lower(product))`,
    `create index agents_by_server on agents (server_id)`,
    `create index agents_by_wish on agents (desired_at)`,
    `create table agent_addresses (
       agent_number ${big} not null, kind text not null, address text not null,
       primary key (kind, address, agent_number))`,
    `create index agent_addresses_by_agent on agent_addresses (agent_number)`,
    `create table presence (
       agent_number ${big} primary key, server_id text not null, connected integer not null, seen_at ${big} not null)`,
    `create table commands (
       id ${id}, agent_number ${big} not null, act text not null, requested_by text not null,
       requested_at ${big} not null, epoch ${big} not null, state text not null, outcome text, finished_at ${big})`,
    `create index commands_by_agent on commands (agent_number, state)`,
    `create table audit (
       id ${id}, at ${big} not null, actor text not null, source text not null, act text not null,
       target text not null, outcome text not null, detail text not null, request_id text not null)`,
    `create table suspicious_objects (
       type text not null, content text not null, notes text not null, scan_action text not null,
       expires_at ${big}, size ${big}, sha256 text, revision ${big} not null, removed integer not null,
       added_at ${big} not null, changed_at ${big} not null, primary key (type, content))`,
    `create index suspicious_objects_by_revision on suspicious_objects (revision)`,
    `insert into counters (name, value) values ('objects', 0), ('applications', 0), ('servers', 0)`,
  ],
};
