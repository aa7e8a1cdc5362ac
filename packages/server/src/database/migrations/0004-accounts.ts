/** Accounts with roles, folders and a second factor; sessions of browsers; tries that have to wait. */
import type { Migration } from '../migrate.ts';

export const accounts: Migration = {
  name: '0004-accounts',
  statements: ({ big }) => [
    // Wrong tries are counted by name and address in a table of their own, also for names that nobody has.
    `alter table accounts drop column failures`,
    `alter table accounts drop column locked_until`,
    `alter table accounts add column scope text not null default '[]'`,
    `alter table accounts add column disabled integer not null default 0`,
    `alter table accounts add column must_change_password integer not null default 0`,
    `alter table accounts add column totp_secret text`,
    `alter table accounts add column totp_pending text`,
    `alter table accounts add column totp_step ${big} not null default 0`,
    `alter table accounts add column last_sign_in_at ${big}`,
    `alter table accounts add column last_sign_in_from text`,
    `alter table sessions add column kind text not null default 'token'`,
    `alter table sessions add column source text not null default ''`,
    `alter table sessions add column last_used_at ${big} not null default 0`,
    `update sessions set last_used_at = created_at`,
    `create index sessions_by_user on sessions (user_name)`,
    `create table recovery_codes (user_name text not null, code_hash text not null, primary key (user_name, code_hash))`,
    `create table sign_in_tries (
       name text primary key, failures integer not null, locked_until ${big} not null, at ${big} not null)`,
    `alter table applications add column key_made_by text not null default ''`,
    `update applications set key_made_by = created_by`,
    `alter table approvals add column behind text not null default '[]'`,
  ],
};
