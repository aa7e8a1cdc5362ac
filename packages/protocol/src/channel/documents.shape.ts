/** Generated from documents.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { boolean, integer, list, nullable, object, oneOf, optional, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { guidShape, millisecondsShape } from './scalars.shape.ts';
import type { Guid, Milliseconds } from './scalars.shape.ts';
import { exceptionShape } from './exception.shape.ts';
import type { Exception } from './exception.shape.ts';
import {
  objectEnforcementStatusShape,
  objectEntryShape,
  objectNameShape,
  objectSettingsShape,
} from './objects.shape.ts';
import type { ObjectEnforcementStatus, ObjectEntry, ObjectName, ObjectSettings } from './objects.shape.ts';

/** A document as text, and the Ed25519 signature over its kind and that text (standard base64). */
export interface SignedDocument {
  document: string;
  signature: string;
}
export const signedDocumentShape: Shape<SignedDocument> = object(
  {
    document: text({ max: 900_000 }),
    signature: text({ min: 88, max: 88 }),
  },
  { closed: true },
);

/** Where agents reach a server: a literal IP address, because names cannot be resolved once an endpoint is isolated. */
export interface GatewayAddress {
  /** The managing server that listens there. */
  server: Guid;
  address: string;
  port: number;
}
export const gatewayAddressShape: Shape<GatewayAddress> = object(
  {
    server: guidShape,
    address: text({ min: 2, max: 45 }),
    port: integer({ min: 1, max: 65_535 }),
  },
  { closed: true },
);

/**
 * What the server wants of one agent, whole. Signed with the order key; only a larger epoch of the same enrolment
 * replaces it. Agents keep the signed text and converge to it, online or not.
 */
export interface DesiredState {
  agent: Guid;
  /** Names this enrolment; an order for an earlier enrolment of the same machine is void. */
  enrolment: Guid;
  epoch: number;
  isolation: 'normal' | 'isolated';
  /** False asks the agent to remove its rules and its state, and to end. */
  installed: boolean;
  /** The holes that isolation leaves, and the order in which link tries them: home first. */
  gateways: GatewayAddress[];
  issuedAt: Milliseconds;
  /** When the agent releases itself, with or without a server. */
  deadline?: number;
  exceptions?: Exception[];
  /** Lets DHCP through, so that an address that is leased does not expire. */
  dhcp?: boolean;
  /** For the people on the endpoint. */
  message?: string;
  /** How many persons stand behind this isolation; a protected endpoint wants two. */
  approvals?: number;
  /** `breakGlassDigest` of the code that lifts just this isolation at the endpoint. */
  breakGlass?: string;
  /** Absent: suspicious objects are kept and not enforced. */
  objects?: ObjectSettings;
}
export const desiredStateShape: Shape<DesiredState> = object({
  agent: guidShape,
  enrolment: guidShape,
  epoch: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  isolation: oneOf(['normal', 'isolated']),
  installed: boolean(),
  gateways: list(gatewayAddressShape, { min: 1, max: 64 }),
  issuedAt: millisecondsShape,
  deadline: optional(integer({ min: 0, max: 8_640_000_000_000_000 })),
  exceptions: optional(list(exceptionShape, { max: 64 })),
  dhcp: optional(boolean()),
  message: optional(text({ max: 256 })),
  approvals: optional(integer({ min: 1, max: 10 })),
  breakGlass: optional(text({ pattern: '^[0-9a-f]{64}$' })),
  objects: optional(objectSettingsShape),
});

/**
 * A page of changes to the suspicious-object list, for every agent alike. Applied to a list at revision `after` it
 * gives the list at revision `revision`; `after` 0 starts from an empty list. Signed with the order key.
 */
export interface ObjectsPage {
  after: number;
  revision: number;
  /** More pages follow; ask again after `revision`. */
  more: boolean;
  /** A list that starts over must not be older than the one that is held. */
  issuedAt?: number;
  put: ObjectEntry[];
  remove: ObjectName[];
}
export const objectsPageShape: Shape<ObjectsPage> = object({
  after: integer({ min: 0 }),
  revision: integer({ min: 0 }),
  more: boolean(),
  issuedAt: optional(integer({ min: 0, max: 8_640_000_000_000_000 })),
  put: list(objectEntryShape, { max: 1000 }),
  remove: list(objectNameShape, { max: 1000 }),
});

/** What was found when a state was verified in the kernel. */
export interface Proof {
  /** SHA-256 (hex) of the ruleset as read back from the kernel, counters and handles left out. */
  digest: string;
  /** How firmly the tables are held: `owner-persist` outlives the agent and resists `nft flush ruleset`. */
  level: 'owner-persist' | 'plain' | 'simulated';
  chains: number;
  rules: number;
  packetsAccepted: number;
  packetsDropped: number;
  /** Each probe sends to a foreign address; isolated means that the kernel refused it. */
  probes: {
    probe: string;
    outcome: 'refused' | 'sent' | 'unavailable';
  }[];
}
export const proofShape: Shape<Proof> = object({
  digest: text({ pattern: '^[0-9a-f]{64}$' }),
  level: oneOf(['owner-persist', 'plain', 'simulated']),
  chains: integer({ min: 0 }),
  rules: integer({ min: 0 }),
  packetsAccepted: integer({ min: 0 }),
  packetsDropped: integer({ min: 0 }),
  probes: list(
    object({
      probe: text({ max: 40 }),
      outcome: oneOf(['refused', 'sent', 'unavailable']),
    }),
    { max: 8 },
  ),
});

/** What one agent's kernel holds, signed with the agent's own key by the enforcer. */
export interface Report {
  agent: Guid;
  enrolment: Guid;
  /** Epoch of the wanted document this speaks of; 0 before the first. */
  epoch: number;
  /** `unproven`: the kernel is not known to hold what was wanted; `problem` says why. */
  isolation: 'normal' | 'isolated' | 'unproven';
  /** Always there when `isolation` is `isolated`. */
  proof: Proof | null;
  problem: string | null;
  /** False is the agent's last word: rules gone, state about to be removed. */
  installed: boolean;
  objectsRevision: number;
  at: Milliseconds;
  /** The agent released itself although the desired state is isolated; the server adopts that as the desired state. */
  released?: {
    by: 'deadline' | 'break-glass';
    at: Milliseconds;
  };
  /** Foreign changes of the isolation's rules since this order: noticed and undone. */
  tampering?: {
    count: number;
    lastAt: Milliseconds;
  };
  /** What becomes of suspicious objects here; absent on an agent that knows nothing of it. */
  objects?: ObjectEnforcementStatus;
}
export const reportShape: Shape<Report> = object({
  agent: guidShape,
  enrolment: guidShape,
  epoch: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  isolation: oneOf(['normal', 'isolated', 'unproven']),
  proof: nullable(proofShape),
  problem: nullable(text({ max: 500 })),
  installed: boolean(),
  objectsRevision: integer({ min: 0 }),
  at: millisecondsShape,
  released: optional(
    object({
      by: oneOf(['deadline', 'break-glass']),
      at: millisecondsShape,
    }),
  ),
  tampering: optional(
    object({
      count: integer({ min: 1 }),
      lastAt: millisecondsShape,
    }),
  ),
  objects: optional(objectEnforcementStatusShape),
});
