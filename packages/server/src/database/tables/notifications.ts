/** Events, and where they are sent. */
import type { SyslogSettings, Webhook } from '@cordon/protocol/console';
import type { Generated } from 'kysely';
import type { Flag, Json } from '../json.ts';

export interface NotificationTables {
  /** Events as they are recorded, until the sending node has put them in order. */
  event_outbox: { id: Generated<number>; at: number; kind: string; body: Json<unknown> };
  /** Events in the order in which they are sent. */
  events: { id: Generated<number>; at: number; kind: string; body: Json<unknown> };
  /** Which node does what only one may do; `heartbeat` grows while the holder lives. */
  leases: { name: string; holder: string; heartbeat: number };
  webhooks: {
    id: string;
    name: string;
    url: string;
    /** Empty for all. */
    kinds: Json<Webhook['kinds']>;
    enabled: Flag;
    ca: string | null;
    allow_plain: Flag;
    sealed_secret: string;
    /** The secret before the last rotation, which also signs until `previous_until`. */
    sealed_previous: string | null;
    previous_until: number;
    created_by: string;
    created_at: number;
    state: 'working' | 'retrying' | 'failing';
    /** Id of the last delivered event. */
    cursor: number;
    /** Failed calls for the next event. */
    attempts: number;
    failing_since: number | null;
    next_at: number | null;
    last_error: string | null;
    delivered_at: number | null;
  };
  deliveries: {
    id: Generated<number>;
    webhook_id: string;
    event_id: number;
    kind: string;
    at: number;
    attempt: number;
    status: number | null;
    milliseconds: number;
    error: string | null;
  };
  /** One row, or none. */
  syslog: {
    one: number;
    settings: Json<SyslogSettings>;
    cursor: number;
    audit_cursor: number;
    connected: Flag;
    last_error: string | null;
    changed_at: number | null;
  };
}
