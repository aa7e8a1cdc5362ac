/** An agent as callers see it, and how agents are selected. */
import { actFromName, isolationStatus } from '@cordon/protocol/words';
import type { Act, Isolation } from '@cordon/protocol/words';
import type { Query } from '../transport/base-url.ts';
import { usage } from '../errors.ts';
import { Fields } from '../reading.ts';

export interface Agent {
  readonly entityId: string;
  readonly hostName: string;
  /** `unknown` for a status outside the contract's five. */
  readonly isolation: Isolation | 'unknown';
  /** The status as on the wire. */
  readonly isolationStatus: string;
  readonly capabilities: readonly Act[];
  readonly addresses: readonly string[];
  readonly macs: readonly string[];
  readonly product: string;
  readonly managingServerId: string;
  readonly adDomain: string;
  readonly folderPath: string;
  /** `Online` or `Offline`; null from servers that do not say. */
  readonly connection: string | null;
  readonly registeredAt: string | null;
}

/** All fields that are given must match. An act needs at least one. */
export interface AgentSelector {
  readonly entityId?: string | undefined;
  readonly hostName?: string | undefined;
  readonly ipAddress?: string | undefined;
  /** With dashes or colons. */
  readonly macAddress?: string | undefined;
  readonly product?: string | undefined;
}

export interface AgentQuery extends AgentSelector {
  readonly managingServerId?: string | undefined;
}

const isolations: readonly Isolation[] = ['normal', 'isolating', 'isolated', 'releasing', 'unsupported'];

export function readAgent(value: unknown): Agent {
  const fields = new Fields(value);
  // The guide's prose spells it `isolated_status`, every answer `isolation_status` (contract 6.3).
  const status = fields.text('isolation_status', 'isolated_status');
  return {
    entityId: fields.text('entity_id'),
    hostName: fields.text('host_name'),
    isolation: isolations.find((isolation) => isolationStatus(isolation) === status.toLowerCase()) ?? 'unknown',
    isolationStatus: status,
    capabilities: fields.list('capabilities').flatMap((name) => actFromName(name) ?? []),
    addresses: fields.list('ip_address_list'),
    macs: fields.list('mac_address_list'),
    product: fields.text('product'),
    managingServerId: fields.text('managing_server_id'),
    adDomain: fields.text('ad_domain'),
    folderPath: fields.text('folder_path'),
    connection: fields.textOrNull('connection_status'),
    registeredAt: fields.textOrNull('last_registration_time'),
  };
}

/** The selector as the wire spells it; empty ones are left out. */
export function wireQuery(query: AgentQuery): Query {
  const all = {
    entity_id: query.entityId,
    host_name: query.hostName,
    ip_address: query.ipAddress,
    mac_address: query.macAddress?.replaceAll(':', '-').toUpperCase(),
    product: query.product,
    managing_server_id: query.managingServerId,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== ''));
}

/** Like `wireQuery`, but refuses to select every agent. */
export function wireSelector(selector: AgentSelector): Query {
  const { entityId, hostName, ipAddress, macAddress, product } = selector;
  const wire = wireQuery({ entityId, hostName, ipAddress, macAddress, product });
  if (Object.keys(wire).length > 0) return wire;
  throw usage('No agent was named.', 'Say which: entity ID, host name, IP address, MAC address or product.');
}

/** Both layouts of GUIDs that servers use, 8-4-4-4-12 and 12-8-4-4-4 (contract 6.6). */
export function looksLikeEntityId(text: string): boolean {
  return /^([\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}|[\da-f]{12}-[\da-f]{8}(-[\da-f]{4}){3})$/i.test(text);
}
