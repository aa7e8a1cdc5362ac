/** The list of suspicious objects, and where each is enforced. */
import { Type } from 'typebox';
import { Count, Milliseconds, Nullable } from '../channel/scalars.schema.ts';
import { ObjectEntry, ObjectName } from '../channel/objects.schema.ts';
import { FleetTask } from './tasks.schema.ts';

/** POST objects: adds or changes one. A file is identified by its hash; the file itself need not leave the browser. */
export const PutObject = Type.Object({
  ...ObjectName.properties,
  action: ObjectEntry.properties.action,
  notes: Type.Optional(Type.String({ maxLength: 256 })),
  expiresAt: Type.Optional(Nullable(Milliseconds)),
  /** Used for a `file` only, which was hashed from its bytes; a bare hash has no size. */
  size: Type.Optional(Nullable(Count)),
  sha256: Type.Optional(ObjectEntry.properties.sha256),
  /** Canary: enforced in these groups only, logged everywhere else. */
  enforceIn: Type.Optional(Nullable(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 16 }))),
  /** Canary: only logged again, everywhere, when more agents than this detect it within an hour. */
  haltAbove: Type.Optional(Nullable(Type.Integer({ minimum: 1, maximum: 1_000_000 }))),
  /** True after the listing safety check said what would be hit, and a person confirmed. */
  confirmed: Type.Optional(Type.Boolean()),
});

/** Why an object is not listed at once; with `mayConfirm` false it cannot be. */
export const ListingSafetyReason = Type.Object({
  rule: Type.Union([
    Type.Literal('empty-file'),
    Type.Literal('packaged'),
    Type.Literal('shell'),
    Type.Literal('cordon'),
    Type.Literal('private-address'),
    Type.Literal('loopback'),
    Type.Literal('own-server'),
    /** The number of addresses is so large that it must be a mistake. */
    Type.Literal('broad-network'),
    Type.Literal('prevalent'),
  ]),
  mayConfirm: Type.Boolean(),
  message: Type.String(),
});

/** How many agents are known to hold a file: from sweeps, finds and detections. */
export const Prevalence = Type.Object({
  agents: Count,
  /** Agents that searched for it, out of `of`. */
  asked: Count,
  of: Count,
  hostNames: Type.Array(Type.String()),
  packages: Type.Array(Type.String()),
  lastSeenAt: Nullable(Milliseconds),
});

/** One object of the list. */
export const ListedObject = Type.Object({
  ...ObjectName.properties,
  action: ObjectEntry.properties.action,
  notes: Type.String(),
  expiresAt: Nullable(Milliseconds),
  size: Nullable(Count),
  sha256: ObjectEntry.properties.sha256,
  enforceIn: Nullable(Type.Array(Type.String())),
  haltAbove: Nullable(Count),
  /** When and why its canary was halted; since then it is only logged. */
  halted: Nullable(Type.Object({ at: Milliseconds, message: Type.String() })),
  confirmed: Type.Boolean(),
  revision: Count,
  addedAt: Milliseconds,
  changedAt: Milliseconds,
  detections: Count,
  /** Files in quarantine because of it. */
  quarantined: Count,
});

/** GET objects?type&search&after&limit. */
export const ListedObjectPage = Type.Object({ objects: Type.Array(ListedObject), next: Nullable(Type.String()) });

/** What one agent does about one object; `message` says why it does less than the list says. */
export const ObjectStatus = Type.Object({
  agent: Type.String(),
  hostName: Type.String(),
  group: Type.String(),
  status: Type.Union([
    Type.Literal('enforced'),
    Type.Literal('logged'),
    Type.Literal('not-enforced'),
    /** The agent does not have this revision of the list yet. */
    Type.Literal('pending'),
  ]),
  message: Nullable(Type.String()),
});

/** GET objects/{type}/{content}: the object, and its status on each agent. `content` is percent-encoded. */
export const ObjectDetails = Type.Object({
  object: ListedObject,
  prevalence: Nullable(Prevalence),
  counts: Type.Object({ enforced: Count, logged: Count, notEnforced: Count, pending: Count }),
  /** The first 1000 agents; those that do less come first. */
  agents: Type.Array(ObjectStatus),
});

/** POST objects/check: the listing safety check and the prevalence; nothing is listed. */
export const ObjectCheck = Type.Object({
  reasons: Type.Array(ListingSafetyReason, { mustBeSent: true }),
  prevalence: Nullable(Prevalence),
});

/** POST objects/undo: removes the object from the list and restores everything that was quarantined for it. */
export const UndoObject = Type.Object({
  ...ObjectName.properties,
  reason: Type.Optional(Type.String({ maxLength: 256 })),
  /** True after the refusal `still-listed` named the other object for the same file, and a person confirmed. */
  confirmed: Type.Optional(Type.Boolean()),
});

/** The outcome of undoing an object. */
export const UndoOutcome = Type.Object({
  /** False when it was not on the list. */
  removed: Type.Boolean({ mustBeSent: true }),
  /** The task that restores the files, on offline agents once they return; null when no agent is known to hold one. */
  task: Type.Union([FleetTask, Type.Null()], { mustBeSent: true }),
});
