/** An agent on the wire (contract 3.1; 8, rules 21 and 25). */
import { allCapabilities, isolationStatus } from '@cordon/protocol/automation';
import type { ProductAgent, ProductAgentV2 } from '@cordon/protocol/automation';
import type { ListedAgent } from './rows.ts';
import { isolationOf } from './isolation.ts';

/** Capabilities are the commands the agent supports, whatever its current state. */
function capabilitiesOf(row: ListedAgent): string[] {
  return row.can_isolate === 1 ? [...allCapabilities] : [];
}

export function productAgent(row: ListedAgent, online: boolean): ProductAgent {
  return {
    entity_id: row.entity_id,
    product: row.product,
    managing_server_id: row.server_id,
    ad_domain: row.ad_domain,
    folder_path: row.folder,
    ip_address_list: row.ip_addresses,
    mac_address_list: row.mac_addresses,
    host_name: row.host_name,
    isolation_status: isolationStatus(isolationOf(row)),
    capabilities: capabilitiesOf(row),
    last_registration_time: utc(row.enrolled_at),
    connection_status: online ? 'Online' : 'Offline',
  };
}

export function productAgentV2(row: ListedAgent, online: boolean): ProductAgentV2 {
  return {
    endpointID: row.entity_id,
    endpointHost: row.host_name,
    endpointIP: row.ip_addresses,
    endpointMAC: row.mac_addresses,
    product: row.product,
    managingServerID: row.server_id,
    adDomain: row.ad_domain,
    domain: row.folder,
    domainHierarchy: row.folder,
    platform: row.platform,
    clientProgram: row.agent_version,
    connectionStatus: online ? 'Online' : 'Offline',
    isolationStatus: isolationStatus(isolationOf(row)),
    lastStartup: '',
    lastConnected: row.seen_at === null ? '' : utc(row.seen_at),
    capabilities: capabilitiesOf(row),
  };
}

/** `YYYY-MM-DDThh:mm:ss` in UTC, without a zone letter, like every time of this API. */
export function utc(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19);
}
