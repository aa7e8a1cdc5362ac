/** Suspicious objects, what agents detected and quarantined, and the tasks they were given. */
import type { Detection, FilePath, TaskWork } from '@cordon/protocol/channel';
import type { AgentProgress } from '@cordon/protocol/console';
import type { Generated } from 'kysely';
import type { Flag, Json } from '../json.ts';

type ObjectKind = 'ip' | 'url' | 'domain' | 'file_sha1' | 'file';

export interface ObjectTables {
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
  /** Requests that listing safety refused, which the client may send again to confirm. */
  refused_listings: { digest: string; at: number };
  /** Agents that have reported a file with this content. */
  prevalence_records: {
    agent_number: number;
    sha1: string;
    path_count: number;
    package: string | null;
    last_seen_at: number;
  };
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
  /** How many detections of an agent were stored in this hour. */
  detection_counts: { agent_number: number; hour: number; stored: number };
  /** Up to where each spool of an agent is stored, and when it last was. */
  detection_spools: { agent_number: number; spool: string; sequence: number; at: number };
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
}
