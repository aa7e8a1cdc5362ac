/** The words of the Automation API beside Cordon's own (contract 4). Wire spelling lives in this folder only. */

/** The state of an endpoint's isolation, in Cordon's words. */
export type Isolation = 'normal' | 'isolating' | 'isolated' | 'releasing' | 'unsupported';

const statuses = {
  normal: 'normal',
  isolating: 'endpoint_isolation_pending',
  isolated: 'isolated',
  releasing: 'connection_restoration_pending',
  unsupported: 'not_supported',
} as const satisfies Record<Isolation, string>;

/** `isolation_status` on the wire (contract 4.4). Clients take any other value for a failure. */
export type IsolationStatus = (typeof statuses)[Isolation];

/** Isolation as the wire spells it. */
export function isolationStatus(isolation: Isolation): IsolationStatus {
  return statuses[isolation];
}

/** What can be requested of agents, in Cordon's words. */
export const acts = ['isolate', 'release', 'relocate', 'uninstall'] as const;
export type Act = (typeof acts)[number];

/** `act` on the wire, also the names of the capabilities (contract 4.2, 4.3), in the order of the guide's sample. */
export const actNames = {
  release: 'cmd_restore_isolated_agent',
  isolate: 'cmd_isolate_agent',
  relocate: 'cmd_relocate_agent',
  uninstall: 'cmd_uninstall_agent',
} as const satisfies Record<Act, string>;

export type ActName = (typeof actNames)[Act];

/** The capabilities of an agent that can be commanded. All four are listed whatever its present status is. */
export const allCapabilities: readonly ActName[] = Object.values(actNames);

/** The act that `name` spells; letter case counts, as in every sample. */
export function actFromName(name: string): Act | undefined {
  return acts.find((act) => actNames[act] === name);
}

/** The product value of Apex One agents, by which existing playbooks select (contract 4.1). */
export const defaultProduct = 'SLF_PRODUCT_OFFICESCAN_CE';

export const objectTypes = ['ip', 'url', 'domain', 'file_sha1', 'file'] as const;
export type ObjectType = (typeof objectTypes)[number];

export const scanActions = ['log', 'block', 'quarantine'] as const;
export type ScanAction = (typeof scanActions)[number];
