/** What is told to others: events, webhooks with their deliveries, the syslog collector, and who sends. */
import type { Migration } from '../migrate.ts';

export const notifications: Migration = {
  name: '0005-notifications',
  statements: ({ id, big }) => [
    // Written with the change it tells of; ids become visible out of order where several nodes write.
    `create table event_outbox (id ${id}, at ${big} not null, kind text not null, body text not null)`,
    // Moved here by one node at a time, so that whoever reads on from an id misses nothing.
    `create table events (id ${id}, at ${big} not null, kind text not null, body text not null)`,
    `create index events_by_at on events (at)`,
    `create table leases (name text primary key, holder text not null, beat ${big} not null)`,
    `insert into leases (name, holder, beat) values ('notifications', '', 0)`,
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
  ],
};
