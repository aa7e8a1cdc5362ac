/** Typed client of the Automation API, for Cordon and for Apex Central. Runs in browsers and in Node. */
export * from './automation.ts';
export { ConsoleClient } from './console/console-client.ts';
export type { ConsoleClientOptions } from './console/console-client.ts';
export type { ConsoleCall } from './console/console-api.ts';
export type { AgentFilter } from './console/agents.ts';
export type { CommandFilter } from './console/commands.ts';
export type { DetectionFilter } from './console/detections.ts';
export type { ListedObjectFilter, ObjectKey } from './console/objects.ts';
export type { QuarantineFilter } from './console/quarantine.ts';
