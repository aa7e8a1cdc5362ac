/** The tables as Kysely sees them. On both databases, booleans are 0 or 1 and times are milliseconds since 1970. */
import type { Kysely, Selectable } from 'kysely';
import type { Json } from '../json.ts';
import type { AccessTables } from './access.ts';
import type { AgentTables } from './agents.ts';
import type { ObjectTables } from './objects.ts';
import type { NotificationTables } from './notifications.ts';

export interface Tables extends AccessTables, AgentTables, ObjectTables, NotificationTables {
  settings: { name: string; value: string };
  /** Numbers that only grow: revisions of the list, and versions that show other nodes a change. */
  counters: { name: string; value: number };
  servers: {
    id: string;
    host_name: string;
    product: string;
    /** A list of `{ address, port }`: literal addresses at which agents reach this server. */
    gateways: Json<unknown>;
    /** SHA-256 of its certificate, hex. */
    fingerprint: string;
    public_key_pin: string;
    version: string;
    started_at: number;
    seen_at: number;
  };
}

export type Row<Table extends keyof Tables> = Selectable<Tables[Table]>;

/** Reads, or reads and writes inside `write`. */
export type Queries = Kysely<Tables>;
