/** Security Agents and managing servers on the wire (contract 3.1, 3.2, 3.3). */
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { ResultOf } from './envelopes.ts';

export { productAgentsPath, productAgentsPathV2, productServersPath } from './paths.ts';

const optionalText = Type.Optional(Type.String({ maxLength: 255 }));

/** GET: all optional, joined by AND; an empty one counts as absent, an unknown one is ignored (contract 8). */
export const AgentQuery = Type.Object({
  entity_id: optionalText,
  ip_address: optionalText,
  mac_address: optionalText,
  host_name: optionalText,
  product: optionalText,
  managing_server_id: optionalText,
});
export type AgentQuery = Static<typeof AgentQuery>;

/** One agent. Lists of addresses are comma-separated strings, never null. */
export const ProductAgent = Type.Object({
  entity_id: Type.String(),
  product: Type.String(),
  managing_server_id: Type.String(),
  ad_domain: Type.String(),
  folder_path: Type.String(),
  ip_address_list: Type.String(),
  mac_address_list: Type.String(),
  host_name: Type.String(),
  isolation_status: Type.String(),
  capabilities: Type.Array(Type.String()),
  /** Beyond the documentation, read by deployed clients (contract 8, rule 21). */
  last_registration_time: Type.String(),
  connection_status: Type.String(),
});
export type ProductAgent = Static<typeof ProductAgent>;
export const ProductAgentsAnswer = ResultOf(Type.Array(ProductAgent));

const selector = Type.Optional(Type.Union([Type.String({ maxLength: 255 }), Type.Null()]));

/** POST: null and empty selectors count as absent. `act` is checked separately, because it has its own code. */
export const AgentAct = Type.Object({
  act: Type.String({ maxLength: 64 }),
  /** Documented as the strings "True" and "False", sent as a JSON boolean by every sample. */
  allow_multiple_match: Type.Union([Type.Boolean(), Type.String({ pattern: '^([Tt]rue|[Ff]alse|TRUE|FALSE)$' })]),
  entity_id: selector,
  ip_address: selector,
  mac_address: selector,
  host_name: selector,
  product: selector,
  relocate_to_server_id: selector,
  relocate_to_folder_path: selector,
});
export type AgentAct = Static<typeof AgentAct>;

/** Version 2 of the list: not in the documentation, in use by two public clients, which read it as strings. */
export const AgentQueryV2 = Type.Object({
  entityID: optionalText,
  ipAddress: optionalText,
  macAddress: optionalText,
  hostName: optionalText,
  product: optionalText,
  managingServerID: optionalText,
});
export type AgentQueryV2 = Static<typeof AgentQueryV2>;

export const ProductAgentV2 = Type.Object({
  endpointID: Type.String(),
  endpointHost: Type.String(),
  endpointIP: Type.String(),
  endpointMAC: Type.String(),
  product: Type.String(),
  managingServerID: Type.String(),
  adDomain: Type.String(),
  domain: Type.String(),
  domainHierarchy: Type.String(),
  platform: Type.String(),
  clientProgram: Type.String(),
  connectionStatus: Type.String(),
  isolationStatus: Type.String(),
  lastStartup: Type.String(),
  lastConnected: Type.String(),
  capabilities: Type.Array(Type.String()),
});
export type ProductAgentV2 = Static<typeof ProductAgentV2>;
export const ProductAgentsAnswerV2 = ResultOf(Type.Array(ProductAgentV2));

export const ServerQuery = Type.Object({
  entity_id: optionalText,
  ip_address: optionalText,
  host_name: optionalText,
  product: optionalText,
});
export type ServerQuery = Static<typeof ServerQuery>;

export const ProductServer = Type.Object({
  entity_id: Type.String(),
  product: Type.String(),
  ad_domain: Type.String(),
  ip_address_list: Type.String(),
  host_name: Type.String(),
  capabilities: Type.Array(Type.String()),
});
export type ProductServer = Static<typeof ProductServer>;
export const ProductServersAnswer = ResultOf(Type.Array(ProductServer));
