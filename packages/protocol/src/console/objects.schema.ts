/** The list of suspicious objects, and where each is enforced. */
import { Type } from 'typebox';
import { Count, Milliseconds, Nullable } from '../channel/scalars.schema.ts';
import { ObjectEntry, ObjectName } from '../channel/objects.schema.ts';
import { FleetTask } from './tasks.schema.ts';

/** POST objects: adds or changes one by hand. A file is named by its hash; the file itself need not leave the browser. */
export const PutObject = Type.Object({
  ...ObjectName.properties,
  action: ObjectEntry.properties.action,
  notes: Type.Optional(Type.String({ maxLength: 256 })),
  expiresAt: Type.Optional(Nullable(Milliseconds)),
  /** Believed of a `file` only, whose hash was made from its bytes; a bare hash has none. */
  size: Type.Optional(Nullable(Count)),
  sha256: Type.Optional(ObjectEntry.properties.sha256),
  /** Canary: enforced in these groups only, logged everywhere else. */
  enforceIn: Type.Optional(Nullable(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 16 }))),
  /** Canary: logged everywhere again by itself when more agents than this meet it within an hour. */
  haltAbove: Type.Optional(Nullable(Type.Integer({ minimum: 1, maximum: 1_000_000 }))),
  /** Said again, after the shield has said what would be hit. */
  confirmed: Type.Optional(Type.Boolean()),
});

/** Why an object is not simply taken; `mayConfirm` false is a refusal for good. */
export const ListingSafetyReason = Type.Object({
  rule: Type.Union([
    Type.Literal('empty-file'),
    Type.Literal('packaged'),
    Type.Literal('shell'),
    Type.Literal('cordon'),
    Type.Literal('private-address'),
    Type.Literal('loopback'),
    Type.Literal('own-server'),
    /** So many addresses that it can only be a mistake. */
    Type.Literal('broad-network'),
    Type.Literal('prevalent'),
  ]),
  mayConfirm: Type.Boolean(),
  message: Type.String(),
});

/** How many agents hold a file, as far as they have told: in sweeps, finds and detections. */
export const Prevalence = Type.Object({
  agents: Count,
  /** Agents that have looked for it at all, out of `of`. */
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
  /** When, and why, its canary was halted; it is only logged since. */
  halted: Nullable(Type.Object({ at: Milliseconds, message: Type.String() })),
  confirmed: Type.Boolean(),
  revision: Count,
  addedAt: Milliseconds,
  changedAt: Milliseconds,
  detections: Count,
  /** Files in vaults because of it. */
  quarantined: Count,
});

/** GET objects?type&search&after&limit. */
export const ListedObjectPage = Type.Object({ objects: Type.Array(ListedObject), next: Nullable(Type.String()) });

/** What one agent does about one object; `sentence` says why it does less than the list asks. */
export const ObjectStatus = Type.Object({
  agent: Type.String(),
  hostName: Type.String(),
  group: Type.String(),
  status: Type.Union([
    Type.Literal('enforced'),
    Type.Literal('logged'),
    Type.Literal('not-enforced'),
    /** The agent has not taken this revision of the list yet. */
    Type.Literal('pending'),
  ]),
  message: Nullable(Type.String()),
});

/** GET objects/{type}/{content}: the object, and where it stands. `content` is percent-encoded. */
export const ObjectDetails = Type.Object({
  object: ListedObject,
  prevalence: Nullable(Prevalence),
  counts: Type.Object({ enforced: Count, logged: Count, notEnforced: Count, pending: Count }),
  /** The first 1000 agents, those that do less first. */
  agents: Type.Array(ObjectStatus),
});

/** POST objects/check: what the shield says, and the prevalence, before anything is listed. */
export const ObjectCheck = Type.Object({
  reasons: Type.Array(ListingSafetyReason),
  prevalence: Nullable(Prevalence),
});

/** POST objects/undo: takes the object off the list and puts back, everywhere, what was quarantined for it. */
export const UndoObject = Type.Object({
  ...ObjectName.properties,
  reason: Type.Optional(Type.String({ maxLength: 256 })),
  /** Said again, after the refusal `still-listed` has named the other object for the same file. */
  confirmed: Type.Optional(Type.Boolean()),
});

/** What undoing an object came to. */
export const UndoOutcome = Type.Object({
  /** False when it was off the list already. */
  removed: Type.Boolean(),
  /** Restores the files, on agents that are off as soon as they return; null when no agent is known to hold one. */
  task: Nullable(FleetTask),
});
