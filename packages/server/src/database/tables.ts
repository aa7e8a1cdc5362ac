/** The tables as Kysely sees them. On both databases, booleans are 0 or 1 and times are milliseconds since 1970. */
import type { Detection, Exception, FilePath, ObjectEnforcementStatus, TaskWork } from '@cordon/protocol/channel';
import type { AgentProgress, Group, GuardReason, SyslogSettings, Webhook } from '@cordon/protocol/console';
import type { Generated, Kysely, Selectable } from 'kysely';
import type { Json } from './json.ts';

type Flag = 0 | 1;
type ObjectKind = 'ip' | 'url' | 'domain' | 'file_sha1' | 'file';

export interface Tables {
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
    version: string;
    started_at: number;
    seen_at: number;
  };
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
  enrolment_tokens: {
    id: string;
    secret_hash: string;
    uses: number;
    uses_left: number;
    expires_at: number;
    note: string;
    created_by: string;
    created_at: number;
  };
  agents: {
    /** Inside Cordon an agent is a number; `entity_id` is its name outside. */
    number: Generated<number>;
    entity_id: string;
    enrolment: string;
    public_key: string;
    product: string;
    server_id: string;
    ad_domain: string;
    folder: string;
    /** Comma-separated, as the API shows them; `agent_addresses` holds them one by one. */
    ip_addresses: string;
    mac_addresses: string;
    host_name: string;
    /** Lower-cased, for matching. */
    host_name_key: string;
    platform: string;
    agent_version: string;
    can_isolate: Flag;
    desired_isolation: 'normal' | 'isolated';
    desired_epoch: number;
    /** The epoch at which `desired_isolation` last changed; only a report of at least this epoch counts for it. */
    isolation_epoch: number;
    /** 0 once uninstalling was requested. */
    desired_installed: Flag;
    desired_at: number;
    /** When the endpoint releases itself; null for never. */
    desired_deadline: number | null;
    /** Name of the profile whose exceptions apply; null for none. */
    desired_profile: string | null;
    desired_message: string | null;
    /** How many people approved the isolation. */
    desired_approvals: number;
    /** Seal over the desired state; see desired-state/seal.ts. */
    desired_seal: string;
    /** 1: never isolated without a second person. */
    protected: Flag;
    tampering_count: number;
    tampering_at: number | null;
    reported_isolation: 'normal' | 'isolated' | 'unproven';
    reported_epoch: number;
    reported_at: number | null;
    report: string | null;
    problem: string | null;
    objects_revision: number;
    /** How it enforces suspicious objects, from its last report; null before the first one. */
    object_status: Json<ObjectEnforcementStatus> | null;
    /** The group whose settings it uses for suspicious objects. */
    group_name: Generated<string>;
    enrolled_at: number;
    removed_at: number | null;
  };
  /** One row for each agent that was not removed. */
  agent_search: {
    agent_number: number;
    host_name_key: string;
    folder: string;
    /** Lower case: host name, IP and MAC addresses (with dashes and with colons) and folder, separated by spaces. */
    words: string;
  };
  /** Each node's agents, minute by minute. `isolated` counts the whole fleet, as far as that node knew. */
  measured_fleet: { at: number; server_id: string; online: number; isolated: number };
  /** From the request to the report that verified it. */
  measured_isolations: { at: number; agent_number: number; milliseconds: number };
  agent_addresses: { agent_number: number; kind: 'ip' | 'mac'; address: string };
  /** Narrow on purpose: heartbeats are flushed here in batches, never into `agents`. */
  presence: { agent_number: number; server_id: string; connected: Flag; seen_at: number };
  commands: {
    id: Generated<number>;
    agent_number: number;
    act: string;
    requested_by: string;
    requested_at: number;
    /** The epoch of the requested state; a report of at least this epoch finishes the command. */
    epoch: number;
    state: 'pending' | 'done' | 'failed' | 'superseded';
    outcome: string | null;
    finished_at: number | null;
  };
  profiles: {
    name: string;
    exceptions: Json<Exception[]>;
    dhcp: Flag;
    changed_at: number;
  };
  /** Actions that the guard holds until a second person decides. */
  approvals: {
    id: Generated<number>;
    act: string;
    /** The change that the action makes to each desired state. */
    change: Json<unknown>;
    /** Why, in the requester's words. */
    reason: string;
    /** Numbers of the agents that matched; an agent that matches later is not affected. */
    agents: Json<readonly number[]>;
    reasons: Json<readonly GuardReason[]>;
    requested_by: string;
    /** People who count as requesters too: for an application, those who may know its key. */
    also_requested_by: Json<readonly string[]>;
    requested_at: number;
    expires_at: number;
    state: 'pending' | 'approved' | 'rejected' | 'expired';
    decided_by: string | null;
    decided_at: number | null;
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
  suspicious_objects: {
    type: ObjectKind;
    content: string;
    notes: string;
    scan_action: 'log' | 'block' | 'quarantine';
    expires_at: number | null;
    size: number | null;
    sha256: string | null;
    /** The list's revision that last changed this row. */
    revision: number;
    /** 1 is a tombstone: agents behind `revision` must still receive the removal. */
    removed: Flag;
    added_at: number;
    changed_at: number;
    /** The groups that enforce it while it is a canary; null for all groups. */
    enforce_in: Json<string[]> | null;
    /** A canary is halted when more agents than this detect it within an hour; null for never. */
    halt_above: number | null;
    halted_at: number | null;
    halt_reason: string | null;
    /** 1: a person has confirmed that it may hit what listing safety protects. */
    confirmed: Generated<Flag>;
    /** How often it was detected since it was first listed. */
    detections: Generated<number>;
  };
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
  groups: {
    name: string;
    settings: Json<Group['settings']>;
    changed_at: number;
    /** Seal over the row; see groups/group-seal.ts. */
    seal: string;
  };
  /** Requests that listing safety refused, which the client may send again to confirm. */
  refused_listings: { digest: string; at: number };
  /** How many detections of an agent were stored in this hour. */
  detection_counts: { agent_number: number; hour: number; stored: number };
  /** Up to where each spool of an agent is stored, and when it last was. */
  detection_spools: { agent_number: number; spool: string; sequence: number; at: number };
  detections: {
    /** Assigned while a counter's row is locked, so that ids become visible in order. */
    id: number;
    agent_number: number;
    spool: string;
    sequence: number;
    received_at: number;
    /** When it was detected, by the endpoint's clock. */
    at: number;
    detected_by: string;
    object_type: ObjectKind;
    object_content: string;
    action: string;
    count: number;
    /** 1: stands for many, because the agent sent more in this hour than are stored one by one. */
    folded: Flag;
    /** Paths, processes and users in lower case. */
    search: string;
    body: Json<Detection>;
  };
  quarantined_files: {
    agent_number: number;
    quarantine: string;
    object_type: ObjectKind;
    object_content: string;
    path: Json<FilePath>;
    sha1: string;
    size: number;
    at: number;
    state: 'quarantined' | 'restoring' | 'restored';
    message: string | null;
  };
  fleet_tasks: {
    id: string;
    kind: string;
    work: Json<TaskWork>;
    requested_by: string;
    requested_at: number;
    expires_at: number;
    cancelled_at: number | null;
    /** Why the server cancelled it; null if nobody did, or a person did. */
    cancel_reason: string | null;
    /** The object whose files it restores everywhere; agents that quarantine more of them later are added. */
    undo_type: ObjectKind | null;
    undo_content: string | null;
    /** Sent only to agents whose list is at this revision. */
    after_revision: Generated<number>;
  };
  agent_tasks: {
    task: string;
    agent_number: number;
    /** Only where it differs from agent to agent. */
    work: Json<TaskWork> | null;
    /** Seal over what is requested of this agent; see tasks/task-seal.ts. */
    seal: string;
    state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
    /** When the progress was made; 0 if there is none yet. */
    at: number;
    files: number;
    bytes: number;
    found: number;
    /** The last progress. */
    progress: Json<NonNullable<AgentProgress['progress']>> | null;
  };
  searched_files: { task: string; sha1: string };
  /** Agents that have reported a file with this content. */
  prevalence_records: {
    agent_number: number;
    sha1: string;
    path_count: number;
    package: string | null;
    last_seen_at: number;
  };
}

export type Row<Table extends keyof Tables> = Selectable<Tables[Table]>;

/** Reads, or reads and writes inside `write`. */
export type Queries = Kysely<Tables>;
