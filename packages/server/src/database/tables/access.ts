/** Who may do what and what they did: accounts, sessions, applications and the audit. */
import type { Flag, Json } from '../json.ts';

export interface AccessTables {
  accounts: {
    /** Lower case. */
    user_name: string;
    password_hash: string;
    role: 'Administrator' | 'Operator' | 'Viewer';
    /** The folders it is limited to; empty for no limit. */
    scope: Json<string[]>;
    disabled: Flag;
    must_change_password: Flag;
    /** Sealed with the master key; null without a second factor. */
    totp_secret: string | null;
    /** The same for one that is not confirmed yet. */
    totp_pending: string | null;
    /** The time step of the last accepted code; an older one is a replay. */
    totp_step: number;
    created_at: number;
    last_sign_in_at: number | null;
    last_sign_in_from: string | null;
  };
  sessions: {
    token_hash: string;
    user_name: string;
    /** `browser` by cookie, `token` by header. */
    kind: 'browser' | 'token';
    /** The socket's address at sign-in. */
    source: string;
    created_at: number;
    last_used_at: number;
    expires_at: number;
  };
  /** A keyed hash, which needs the master key; a row is deleted once its code is used. */
  recovery_codes: { user_name: string; code_hash: string };
  /** Failed attempts, by the name or address that they count against. */
  sign_in_failures: { name: string; failures: number; locked_until: number; at: number };
  applications: {
    /** Upper-case GUID. */
    id: string;
    name: string;
    /** The API key, sealed with the master key. */
    sealed_key: string;
    enabled: Flag;
    timeout_seconds: number;
    created_by: string;
    /** Who created the current key. */
    key_created_by: string;
    created_at: number;
    last_used_at: number | null;
    last_used_from: string | null;
  };
  /** One row: where the audit's chain ends. */
  audit_head: { one: number; id: number; hash: string };
  audit_checkpoints: { id: number; hash: string; at: number; signature: string };
  audit: {
    id: number;
    at: number;
    actor: string;
    source: string;
    act: string;
    target: string;
    outcome: string;
    detail: string;
    request_id: string;
    /** SHA-256 over this line and the hash before it. */
    hash: string;
  };
  /** Which agents a line is about. */
  audit_agents: { agent_number: number; audit_id: number };
}
