/** The documents that server and agent sign for each other. */
import { Type } from 'typebox';
import { Exception } from './exception.schema.ts';
import { ObjectEnforcementStatus, ObjectEntry, ObjectName, ObjectSettings } from './objects.schema.ts';
import { Guid, Milliseconds, PublicKeyPins } from './scalars.schema.ts';

/** A document as text, and the Ed25519 signature over its kind and that text (standard base64). */
export const SignedDocument = Type.Object(
  {
    document: Type.String({ maxLength: 900_000 }),
    signature: Type.String({ minLength: 88, maxLength: 88 }),
  },
  { additionalProperties: false },
);

const Epoch = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** Where agents reach a server: a literal IP address, because an isolated endpoint cannot resolve names. */
export const GatewayAddress = Type.Object(
  {
    /** The managing server that listens there. */
    server: Guid,
    address: Type.String({ minLength: 2, maxLength: 45 }),
    port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  },
  { additionalProperties: false },
);

/**
 * The whole desired state of one agent, signed with the signing key. Only a larger epoch of the same enrolment replaces
 * it. Agents keep the signed text and reconcile to it, online or not.
 */
export const DesiredState = Type.Object({
  agent: Guid,
  /** This enrolment; a desired state for an earlier enrolment of the same machine is void. */
  enrolment: Guid,
  epoch: Epoch,
  isolation: Type.Union([Type.Literal('normal'), Type.Literal('isolated')]),
  /** False: the agent removes its rules and its state, and ends. */
  installed: Type.Boolean(),
  /** What isolation leaves reachable, in the order in which link tries them: home first. */
  gateways: Type.Array(GatewayAddress, { minItems: 1, maxItems: 64 }),
  /** The public keys that a gateway may show from now on: those in use, and those that will be. */
  publicKeyPins: PublicKeyPins,
  issuedAt: Milliseconds,
  /** When the agent releases itself, with or without a server. */
  deadline: Type.Optional(Milliseconds),
  exceptions: Type.Optional(Type.Array(Exception, { maxItems: 64 })),
  /** Allows DHCP, so that a leased address does not expire. */
  dhcp: Type.Optional(Type.Boolean()),
  /** Shown to the people at the endpoint. */
  message: Type.Optional(Type.String({ maxLength: 256 })),
  /** How many persons approved this isolation; a protected endpoint needs two. */
  approvals: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 })),
  /** `breakGlassDigest` of the code that ends only this isolation at the endpoint. */
  breakGlass: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
  /** Absent: suspicious objects are kept and not enforced. */
  objects: Type.Optional(ObjectSettings),
});

/**
 * A page of changes to the list of suspicious objects, the same for every agent. Applied to a list at revision `after`
 * it gives the list at `revision`; `after` 0 starts from an empty list. Signed with the signing key.
 */
export const ObjectsPage = Type.Object({
  after: Type.Integer({ minimum: 0 }),
  revision: Type.Integer({ minimum: 0 }),
  /** More pages follow; request them after `revision`. */
  more: Type.Boolean(),
  /** A list that starts over must not be older than the present one. */
  issuedAt: Type.Optional(Milliseconds),
  put: Type.Array(ObjectEntry, { maxItems: 1000 }),
  remove: Type.Array(ObjectName, { maxItems: 1000 }),
});

/** What the kernel held when a state was verified. */
export const Proof = Type.Object({
  /** SHA-256 (hex) of the ruleset as read back from the kernel, without counters and handles. */
  digest: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  /** How firmly the kernel protects the tables: `owner-persist` outlives the agent and resists `nft flush ruleset`. */
  level: Type.Union([Type.Literal('owner-persist'), Type.Literal('plain'), Type.Literal('simulated')]),
  chains: Type.Integer({ minimum: 0 }),
  rules: Type.Integer({ minimum: 0 }),
  packetsAccepted: Type.Integer({ minimum: 0 }),
  packetsDropped: Type.Integer({ minimum: 0 }),
  /** Each probe sends to a foreign address; when isolated, the kernel refuses it. */
  probes: Type.Array(
    Type.Object({
      probe: Type.String({ maxLength: 40 }),
      outcome: Type.Union([Type.Literal('refused'), Type.Literal('sent'), Type.Literal('unavailable')]),
    }),
    { maxItems: 8 },
  ),
});

/** What one agent's kernel holds. The enforcer signs it with the agent's own key. */
export const Report = Type.Object({
  agent: Guid,
  enrolment: Guid,
  /** Epoch of the desired state that this is about; 0 before the first. */
  epoch: Epoch,
  /** `unproven`: it is not known that the kernel holds the desired state; `problem` says why. */
  isolation: Type.Union([Type.Literal('normal'), Type.Literal('isolated'), Type.Literal('unproven')]),
  /** Never null when `isolation` is `isolated`. */
  proof: Type.Union([Proof, Type.Null()]),
  problem: Type.Union([Type.String({ maxLength: 500 }), Type.Null()]),
  /** False in the last report: the rules are gone, and the state is about to go. */
  installed: Type.Boolean(),
  objectsRevision: Type.Integer({ minimum: 0 }),
  /** The public keys of gateways that it trusts. */
  publicKeyPins: PublicKeyPins,
  at: Milliseconds,
  /** The agent released itself although the desired state is isolated; the server adopts that as the desired state. */
  released: Type.Optional(
    Type.Object({ by: Type.Union([Type.Literal('deadline'), Type.Literal('break-glass')]), at: Milliseconds }),
  ),
  /** Foreign changes to the isolation's rules since this desired state: detected and undone. */
  tampering: Type.Optional(Type.Object({ count: Type.Integer({ minimum: 1 }), lastAt: Milliseconds })),
  /** Status of object enforcement; absent before it is known. */
  objects: Type.Optional(ObjectEnforcementStatus),
});
