/** Generated from documents.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { boolean, integer, list, nullable, object, oneOf, optional, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { guidShape, millisecondsShape, publicKeyPinsShape } from './scalars.shape.ts';
import type { Guid, Milliseconds, PublicKeyPins } from './scalars.shape.ts';
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
  { document: text({ max: 900_000 }), signature: text({ min: 88, max: 88 }) },
  { closed: true },
);

/** Where agents reach a server: a literal IP address, because an isolated endpoint cannot resolve names. */
export interface GatewayAddress {
  /** The managing server that listens there. */
  server: Guid;
  address: string;
  port: number;
}
export const gatewayAddressShape: Shape<GatewayAddress> = object(
  { server: guidShape, address: text({ min: 2, max: 45 }), port: integer({ min: 1, max: 65_535 }) },
  { closed: true },
);

/**
 * The whole desired state of one agent, signed with the signing key. Only a larger epoch of the same enrolment replaces
 * it. Agents keep the signed text and reconcile to it, online or not.
 */
export interface DesiredState {
  agent: Guid;
  /** This enrolment; a desired state for an earlier enrolment of the same machine is void. */
  enrolment: Guid;
  epoch: number;
  isolation: 'normal' | 'isolated';
  /** False: the agent removes its rules and its state, and ends. */
  installed: boolean;
  /** What isolation leaves reachable, in the order in which link tries them: home first. */
  gateways: GatewayAddress[];
  /** The public keys that a gateway may show from now on: those in use, and those that will be. */
  publicKeyPins: PublicKeyPins;
  issuedAt: Milliseconds;
  /** When the agent releases itself, with or without a server. */
  deadline?: Milliseconds;
  exceptions?: Exception[];
  /** Allows DHCP, so that a leased address does not expire. */
  dhcp?: boolean;
  /** Shown to the people at the endpoint. */
  message?: string;
  /** How many persons approved this isolation; a protected endpoint needs two. */
  approvals?: number;
  /** `breakGlassDigest` of the code that ends only this isolation at the endpoint. */
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
  publicKeyPins: publicKeyPinsShape,
  issuedAt: millisecondsShape,
  deadline: optional(millisecondsShape),
  exceptions: optional(list(exceptionShape, { max: 64 })),
  dhcp: optional(boolean()),
  message: optional(text({ max: 256 })),
  approvals: optional(integer({ min: 1, max: 10 })),
  breakGlass: optional(text({ pattern: '^[0-9a-f]{64}$' })),
  objects: optional(objectSettingsShape),
});

/**
 * A page of changes to the list of suspicious objects, the same for every agent. Applied to a list at revision `after`
 * it gives the list at `revision`; `after` 0 starts from an empty list. Signed with the signing key.
 */
export interface ObjectsPage {
  after: number;
  revision: number;
  /** More pages follow; request them after `revision`. */
  more: boolean;
  /** A list that starts over must not be older than the present one. */
  issuedAt?: Milliseconds;
  put: ObjectEntry[];
  remove: ObjectName[];
}
export const objectsPageShape: Shape<ObjectsPage> = object({
  after: integer({ min: 0 }),
  revision: integer({ min: 0 }),
  more: boolean(),
  issuedAt: optional(millisecondsShape),
  put: list(objectEntryShape, { max: 1000 }),
  remove: list(objectNameShape, { max: 1000 }),
});

/** What the kernel held when a state was verified. */
export interface Proof {
  /** SHA-256 (hex) of the ruleset as read back from the kernel, without counters and handles. */
  digest: string;
  /** How firmly the kernel protects the tables: `owner-persist` outlives the agent and resists `nft flush ruleset`. */
  level: 'owner-persist' | 'plain' | 'simulated';
  chains: number;
  rules: number;
  packetsAccepted: number;
  packetsDropped: number;
  /** Each probe sends to a foreign address; when isolated, the kernel refuses it. */
  probes: { probe: string; outcome: 'refused' | 'sent' | 'unavailable' }[];
}
export const proofShape: Shape<Proof> = object({
  digest: text({ pattern: '^[0-9a-f]{64}$' }),
  level: oneOf(['owner-persist', 'plain', 'simulated']),
  chains: integer({ min: 0 }),
  rules: integer({ min: 0 }),
  packetsAccepted: integer({ min: 0 }),
  packetsDropped: integer({ min: 0 }),
  probes: list(object({ probe: text({ max: 40 }), outcome: oneOf(['refused', 'sent', 'unavailable']) }), { max: 8 }),
});

/** What one agent's kernel holds. The enforcer signs it with the agent's own key. */
export interface Report {
  agent: Guid;
  enrolment: Guid;
  /** Epoch of the desired state that this is about; 0 before the first. */
  epoch: number;
  /** `unproven`: it is not known that the kernel holds the desired state; `problem` says why. */
  isolation: 'normal' | 'isolated' | 'unproven';
  /** Never null when `isolation` is `isolated`. */
  proof: Proof | null;
  problem: string | null;
  /** False in the last report: the rules are gone, and the state is about to go. */
  installed: boolean;
  objectsRevision: number;
  /** The public keys of gateways that it trusts. */
  publicKeyPins: PublicKeyPins;
  at: Milliseconds;
  /** The agent released itself although the desired state is isolated; the server adopts that as the desired state. */
  released?: { by: 'deadline' | 'break-glass'; at: Milliseconds };
  /** Foreign changes to the isolation's rules since this desired state: detected and undone. */
  tampering?: { count: number; lastAt: Milliseconds };
  /** Status of object enforcement; absent before it is known. */
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
  publicKeyPins: publicKeyPinsShape,
  at: millisecondsShape,
  released: optional(object({ by: oneOf(['deadline', 'break-glass']), at: millisecondsShape })),
  tampering: optional(object({ count: integer({ min: 1 }), lastAt: millisecondsShape })),
  objects: optional(objectEnforcementStatusShape),
});
