/** Generated from agents.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { boolean, fieldsOf, integer, list, nullable, object, oneOf, optional, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { countShape, millisecondsShape } from '../channel/scalars.shape.ts';
import type { Count, Milliseconds } from '../channel/scalars.shape.ts';
import { objectEnforcementStatusShape } from '../channel/objects.shape.ts';
import type { ObjectEnforcementStatus } from '../channel/objects.shape.ts';

/** What the list and the details both say. */
export interface AgentSummary {
  agent: string;
  hostName: string;
  folder: string;
  /** Comma-separated, as the Automation API has them. */
  ipAddresses: string;
  macAddresses: string;
  platform: string;
  agentVersion: string;
  /** Its managing server. */
  server: string;
  online: boolean;
  lastSeenAt: Milliseconds | null;
  /** Never isolated without a second person. */
  protected: boolean;
  /** When the isolation ends by itself; null for never, or when no isolation is desired. */
  deadline: Milliseconds | null;
  profile: string | null;
  enrolledAt: Milliseconds;
}
export const agentSummaryShape: Shape<AgentSummary> = object({
  agent: text(),
  hostName: text(),
  folder: text(),
  ipAddresses: text(),
  macAddresses: text(),
  platform: text(),
  agentVersion: text(),
  server: text(),
  online: boolean(),
  lastSeenAt: nullable(millisecondsShape),
  protected: boolean(),
  deadline: nullable(millisecondsShape),
  profile: nullable(text()),
  enrolledAt: millisecondsShape,
});

/** One row of the list. */
export interface ListedEndpoint extends AgentSummary {
  product: string;
  isolation: 'normal' | 'isolating' | 'isolated' | 'releasing' | 'unsupported';
}
export const listedEndpointShape: Shape<ListedEndpoint> = object({
  ...fieldsOf(agentSummaryShape),
  product: text(),
  isolation: oneOf(['normal', 'isolating', 'isolated', 'releasing', 'unsupported']),
});

/** GET agents?search&isolation&online&offset&limit: ordered by host name; agents?enrolledSince: the newest first. */
export interface AgentPage {
  agents: ListedEndpoint[];
  total: Count;
}
export const agentPageShape: Shape<AgentPage> = object({ agents: list(listedEndpointShape), total: countShape });

/** What the server knows about one agent beyond the Automation API's list. */
export interface AgentDetails extends AgentSummary {
  isolation: string;
  desired: string;
  epoch: number;
  reported: string;
  reportedEpoch: number;
  reportedAt: Milliseconds | null;
  /** The agent's last signed report, as it was signed; null before the first. */
  report: string | null;
  /** Why the desired state does not hold, in the agent's words. */
  problem: string | null;
  /** The group whose settings it uses for suspicious objects. */
  group?: string;
  /** Its own report of object enforcement; absent before the first. */
  objects?: ObjectEnforcementStatus;
  objectsRevision: number;
  /** The agent's own key, which verifies its reports: Ed25519, SPKI DER, base64. */
  publicKey: string;
  message: string | null;
  /** Foreign changes to the isolation's rules since the last desired state, detected and undone. */
  tampering: { count: number; lastAt: Milliseconds } | null;
}
export const agentDetailsShape: Shape<AgentDetails> = object({
  ...fieldsOf(agentSummaryShape),
  isolation: text(),
  desired: text(),
  epoch: integer(),
  reported: text(),
  reportedEpoch: integer(),
  reportedAt: nullable(millisecondsShape),
  report: nullable(text()),
  problem: nullable(text()),
  group: optional(text()),
  objects: optional(objectEnforcementStatusShape),
  objectsRevision: integer(),
  publicKey: text(),
  message: nullable(text()),
  tampering: nullable(object({ count: integer(), lastAt: millisecondsShape })),
});

/** PATCH agents/{id}. */
export interface ChangeAgent {
  /** Never isolated without a second person. */
  protected?: boolean;
  /** The group whose settings it uses for suspicious objects. */
  group?: string;
}

/** POST agents/{id}/break-glass: each code ends one isolation when it is typed at the endpoint. Audited. */
export interface BreakGlassCodes {
  agent: string;
  /** The most likely first. Two when the endpoint has not confirmed the newest desired state: it may follow either. */
  codes: {
    epoch: number;
    code: string;
    /** The isolation that the endpoint last reported, or the one that is desired now. */
    isolation: 'reported' | 'desired';
  }[];
}
export const breakGlassCodesShape: Shape<BreakGlassCodes> = object({
  agent: text(),
  codes: list(object({ epoch: integer(), code: text(), isolation: oneOf(['reported', 'desired']) }), {
    min: 1,
    max: 2,
  }),
});
