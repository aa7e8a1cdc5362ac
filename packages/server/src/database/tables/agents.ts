/** The agents: what is desired of them, what they reported, and the commands that changed it. */
import type { Exception, ObjectEnforcementStatus } from '@cordon/protocol/channel';
import type { Group, GuardReason } from '@cordon/protocol/console';
import type { Generated } from 'kysely';
import type { Flag, Json } from '../json.ts';

export interface AgentTables {
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
  agent_addresses: { agent_number: number; kind: 'ip' | 'mac'; address: string };
  /** Narrow on purpose: heartbeats are flushed here in batches, never into `agents`. */
  presence: { agent_number: number; server_id: string; connected: Flag; seen_at: number };
  groups: {
    name: string;
    settings: Json<Group['settings']>;
    changed_at: number;
    /** Seal over the row; see groups/group-seal.ts. */
    seal: string;
  };
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
  /** Each node's agents, minute by minute. `isolated` counts the whole fleet, as far as that node knew. */
  measured_fleet: { at: number; server_id: string; online: number; isolated: number };
  /** From the request to the report that verified it. */
  measured_isolations: { at: number; agent_number: number; milliseconds: number };
}
