/** Typed client of the Automation API, for Cordon and for Apex Central. Runs in browsers and in Node. */
export * from './automation/index.ts';
export { ConsoleClient } from './console/console-client.ts';
export type { ConsoleClientOptions } from './console/console-client.ts';
export type { ConsoleCall } from './console/console-api.ts';
export type { AgentFilter } from './console/endpoints.ts';
export type { CommandFilter } from './console/acts.ts';
export type { DetectionFilter, ListedObjectFilter, ObjectKey, QuarantineFilter } from './console/objects.ts';
