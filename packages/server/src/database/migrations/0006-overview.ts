/** What the console lists and plots: a narrow text to search agents by, and measurements for the overview. */
import type { Migration } from '../migrate.ts';

export const overview: Migration = {
  name: '0006-overview',
  statements: ({ big }) => [
    // Narrow on purpose: a search walks all of it, and a row of `agents` is mostly its report.
    `create table agent_search (
       agent_number ${big} primary key, host_name_key text not null, folder text not null, words text not null)`,
    `insert into agent_search (agent_number, host_name_key, folder, words)
       select number, host_name_key, folder, lower(
         host_name || ' ' || ip_addresses || ' ' || mac_addresses || ' ' || replace(mac_addresses, '-', ':')
         || ' ' || folder)
       from agents where removed_at is null`,
    `create index agent_search_in_order on agent_search (host_name_key, agent_number)`,
    `create table measured_fleet (
       at ${big} not null, server_id text not null, online ${big} not null, isolated ${big} not null,
       primary key (at, server_id))`,
    `create table measured_isolations (at ${big} not null, agent_number ${big} not null, milliseconds ${big} not null)`,
    `create index measured_isolations_by_time on measured_isolations (at)`,
  ],
};
