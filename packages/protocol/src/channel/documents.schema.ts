/** The documents that server and agent sign for each other. */
import { Type } from 'typebox';
import { Exception } from './exception.schema.ts';
import { ObjectEnforcementStatus, ObjectEntry, ObjectName, ObjectSettings } from './objects.schema.ts';
import { Guid, Milliseconds } from './scalars.schema.ts';

/** A document as text, and the Ed25519 signature over its kind and that text (standard base64). */
export const SignedDocument = Type.Object(
  {
    document: Type.String({ maxLength: 900_000 }),
    signature: Type.String({ minLength: 88, maxLength: 88 }),
  },
  { additionalProperties: false },
);

const Epoch = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** Where agents reach a server: a literal IP address, because names cannot be resolved once an endpoint is isolated. */
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
 * What the server wants of one agent, whole. Signed with the order key; only a larger epoch of the same enrolment
 * replaces it. Agents keep the signed text and converge to it, online or not.
 */
export const DesiredState = Type.Object({
  agent: Guid,
  /** Names this enrolment; an order for an earlier enrolment of the same machine is void. */
  enrolment: Guid,
  epoch: Epoch,
  isolation: Type.Union([Type.Literal('normal'), Type.Literal('isolated')]),
  /** False asks the agent to remove its rules and its state, and to end. */
  installed: Type.Boolean(),
  /** The holes that isolation leaves, and the order in which link tries them: home first. */
  gateways: Type.Array(GatewayAddress, { minItems: 1, maxItems: 64 }),
  issuedAt: Milliseconds,
  /** When the agent releases itself, with or without a server. */
  deadline: Type.Optional(Milliseconds),
  exceptions: Type.Optional(Type.Array(Exception, { maxItems: 64 })),
  /** Lets DHCP through, so that an address that is leased does not expire. */
  dhcp: Type.Optional(Type.Boolean()),
  /** For the people on the endpoint. */
  message: Type.Optional(Type.String({ maxLength: 256 })),
  /** How many persons stand behind this isolation; a protected endpoint wants two. */
  approvals: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 })),
  /** `breakGlassDigest` of the code that lifts just this isolation at the endpoint. */
  breakGlass: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
  /** Absent: suspicious objects are kept and not enforced. */
  objects: Type.Optional(ObjectSettings),
});

/**
 * A page of changes to the suspicious-object list, for every agent alike. Applied to a list at revision `after` it
 * gives the list at revision `revision`; `after` 0 starts from an empty list. Signed with the order key.
 */
export const ObjectsPage = Type.Object({
  after: Type.Integer({ minimum: 0 }),
  revision: Type.Integer({ minimum: 0 }),
  /** More pages follow; ask again after `revision`. */
  more: Type.Boolean(),
  /** A list that starts over must not be older than the one that is held. */
  issuedAt: Type.Optional(Milliseconds),
  put: Type.Array(ObjectEntry, { maxItems: 1000 }),
  remove: Type.Array(ObjectName, { maxItems: 1000 }),
});

/** What was found when a state was verified in the kernel. */
export const Proof = Type.Object({
  /** SHA-256 (hex) of the ruleset as read back from the kernel, counters and handles left out. */
  digest: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  /** How firmly the tables are held: `owner-persist` outlives the agent and resists `nft flush ruleset`. */
  level: Type.Union([Type.Literal('owner-persist'), Type.Literal('plain'), Type.Literal('simulated')]),
  chains: Type.Integer({ minimum: 0 }),
  rules: Type.Integer({ minimum: 0 }),
  packetsAccepted: Type.Integer({ minimum: 0 }),
  packetsDropped: Type.Integer({ minimum: 0 }),
  /** Each probe sends to a foreign address; isolated means that the kernel refused it. */
  probes: Type.Array(
    Type.Object({
      probe: Type.String({ maxLength: 40 }),
      outcome: Type.Union([Type.Literal('refused'), Type.Literal('sent'), Type.Literal('unavailable')]),
    }),
    { maxItems: 8 },
  ),
});

/** What one agent's kernel holds, signed with the agent's own key by the enforcer. */
export const Report = Type.Object({
  agent: Guid,
  enrolment: Guid,
  /** Epoch of the wanted document this speaks of; 0 before the first. */
  epoch: Epoch,
  /** `unproven`: the kernel is not known to hold what was wanted; `problem` says why. */
  isolation: Type.Union([Type.Literal('normal'), Type.Literal('isolated'), Type.Literal('unproven')]),
  /** Always there when `isolation` is `isolated`. */
  proof: Type.Union([Proof, Type.Null()]),
  problem: Type.Union([Type.String({ maxLength: 500 }), Type.Null()]),
  /** False is the agent's last word: rules gone, state about to be removed. */
  installed: Type.Boolean(),
  objectsRevision: Type.Integer({ minimum: 0 }),
  at: Milliseconds,
  /** The agent released itself although the desired state is isolated; the server adopts that as the desired state. */
  released: Type.Optional(
    Type.Object({ by: Type.Union([Type.Literal('deadline'), Type.Literal('break-glass')]), at: Milliseconds }),
  ),
  /** Foreign changes of the isolation's rules since this order: noticed and undone. */
  tampering: Type.Optional(Type.Object({ count: Type.Integer({ minimum: 1 }), lastAt: Milliseconds })),
  /** What becomes of suspicious objects here; absent on an agent that knows nothing of it. */
  objects: Type.Optional(ObjectEnforcementStatus),
});
