/** Suspicious objects as people see them: where they are enforced, who holds them, and what was met. */
import { Type } from 'typebox';
import type { Static, TNull, TSchema, TUnion } from 'typebox';
import { Detection, FilePath } from '../channel/detections.ts';
import { ObjectEntry, ObjectName, ObjectSettings } from '../channel/objects.ts';
import { Progress, TaskWork } from '../channel/tasks.ts';
import { ActSelector } from './containment.ts';

const Milliseconds = Type.Integer({ minimum: 0 });
const Count = Type.Integer({ minimum: 0 });
const Nullable = <T extends TSchema>(schema: T): TUnion<[T, TNull]> => Type.Union([schema, Type.Null()]);

/** One detection as the server keeps it. */
export const DetectionRecord = Type.Object({
  id: Type.Integer(),
  agent: Type.String(),
  hostName: Type.String(),
  receivedAt: Milliseconds,
  ...Detection.properties,
});
export type DetectionRecord = Static<typeof DetectionRecord>;

/** GET detections?agent&group&type&content&action&seenBy&since&until&search&before&limit: the newest first. */
export const DetectionPage = Type.Object({
  detections: Type.Array(DetectionRecord),
  /** Pass it as `before` for the page that follows; null at the end. */
  next: Nullable(Type.Integer()),
});
export type DetectionPage = Static<typeof DetectionPage>;

/** GET detections/summary?since&until: for plots. */
export const DetectionSummary = Type.Object({
  /** Width of a bucket, in milliseconds. */
  bucket: Count,
  buckets: Type.Array(Type.Object({ at: Milliseconds, counts: Type.Record(Type.String(), Count) })),
  objects: Type.Array(Type.Object({ ...ObjectName.properties, count: Count, agents: Count })),
});
export type DetectionSummary = Static<typeof DetectionSummary>;

/** A group of agents and how they treat suspicious objects. Everybody is in `default` until moved. */
export const Group = Type.Object({
  name: Type.String(),
  settings: Type.Omit(ObjectSettings, ['group']),
  agents: Count,
  changedAt: Milliseconds,
});
export type Group = Static<typeof Group>;
export const GroupList = Type.Object({ groups: Type.Array(Group) });
export type GroupList = Static<typeof GroupList>;

/** PUT groups/{name}; everything left out stays as it was, or is off for a new group. */
export const GroupBody = Type.Partial(Type.Omit(ObjectSettings, ['group']));
export type GroupBody = Static<typeof GroupBody>;

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
export type PutObject = Static<typeof PutObject>;

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
export type ListingSafetyReason = Static<typeof ListingSafetyReason>;

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
export type Prevalence = Static<typeof Prevalence>;

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
export type ListedObject = Static<typeof ListedObject>;

/** GET objects?type&search&after&limit. */
export const ListedObjectPage = Type.Object({ objects: Type.Array(ListedObject), next: Nullable(Type.String()) });
export type ListedObjectPage = Static<typeof ListedObjectPage>;

/** What one agent does about one object; `sentence` says why it does less than the list asks. */
export const ObjectStatus = Type.Object({
  agent: Type.String(),
  hostName: Type.String(),
  group: Type.String(),
  standing: Type.Union([
    Type.Literal('enforced'),
    Type.Literal('logged'),
    Type.Literal('not-enforced'),
    /** The agent has not taken this revision of the list yet. */
    Type.Literal('pending'),
  ]),
  message: Nullable(Type.String()),
});
export type ObjectStatus = Static<typeof ObjectStatus>;

/** GET objects/{type}/{content}: the object, and where it stands. `content` is percent-encoded. */
export const ObjectDetails = Type.Object({
  object: ListedObject,
  prevalence: Nullable(Prevalence),
  counts: Type.Object({ enforced: Count, logged: Count, notEnforced: Count, pending: Count }),
  /** The first 1000 agents, those that do less first. */
  agents: Type.Array(ObjectStatus),
});
export type ObjectDetails = Static<typeof ObjectDetails>;

/** POST objects/check: what the shield says, and the prevalence, before anything is listed. */
export const ObjectCheck = Type.Object({
  shield: Type.Array(ListingSafetyReason),
  prevalence: Nullable(Prevalence),
});
export type ObjectCheck = Static<typeof ObjectCheck>;

/** POST objects/undo: takes the object off the list and puts back, everywhere, what was quarantined for it. */
export const UndoObject = Type.Object({
  ...ObjectName.properties,
  reason: Type.Optional(Type.String({ maxLength: 256 })),
  /** Said again, after the refusal `still-listed` has named the other object for the same file. */
  confirmed: Type.Optional(Type.Boolean()),
});
export type UndoObject = Static<typeof UndoObject>;

/** POST tasks: asks agents to do something once. Without a selector or group it is for the whole fleet. */
export const AddTask = Type.Object({
  work: TaskWork,
  selector: Type.Optional(ActSelector),
  group: Type.Optional(Type.String({ maxLength: 64 })),
  reason: Type.Optional(Type.String({ maxLength: 256 })),
});
export type AddTask = Static<typeof AddTask>;

/** What was asked of many at once, and how far all of them have come. */
export const FleetTask = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  work: TaskWork,
  requestedBy: Type.String(),
  requestedAt: Milliseconds,
  expiresAt: Milliseconds,
  agents: Count,
  /** Agents that have begun, have finished, have failed (or were too late); the rest waits or is off. */
  running: Count,
  done: Count,
  failed: Count,
  /** Sums over all agents. */
  files: Count,
  bytes: Count,
  found: Count,
  /** Agents that found at least one. */
  foundOn: Count,
  state: Type.Union([Type.Literal('running'), Type.Literal('done'), Type.Literal('cancelled')]),
  /** Why the server itself has ended it, and what that means for agents that were not reached. */
  message: Nullable(Type.String()),
  /** True when it is of endpoints outside of the asker's folders, too: of those nothing is told, and it is not theirs to cancel. */
  part: Type.Optional(Type.Boolean()),
});
export type FleetTask = Static<typeof FleetTask>;
/** What undoing an object came to. */
export const UndoOutcome = Type.Object({
  /** False when it was off the list already. */
  removed: Type.Boolean(),
  /** Restores the files, on agents that are off as soon as they return; null when no agent is known to hold one. */
  task: Nullable(FleetTask),
});
export type UndoOutcome = Static<typeof UndoOutcome>;
export const FleetTaskList = Type.Object({ tasks: Type.Array(FleetTask) });
export type FleetTaskList = Static<typeof FleetTaskList>;

const { agent: _agent, enrolment: _enrolment, task: _task, ...progress } = Progress.properties;
export const AgentProgress = Type.Object({
  agent: Type.String(),
  hostName: Type.String(),
  online: Type.Boolean(),
  /** Null before the agent has said anything. */
  progress: Nullable(Type.Object(progress)),
});
export type AgentProgress = Static<typeof AgentProgress>;

/** GET tasks/{id}: those that found something, or failed, first; at most 1000. */
export const TaskDetails = Type.Object({ task: FleetTask, agents: Type.Array(AgentProgress) });
export type TaskDetails = Static<typeof TaskDetails>;

/** A file in the vault of an agent. */
export const QuarantinedFile = Type.Object({
  quarantine: Type.String(),
  agent: Type.String(),
  hostName: Type.String(),
  object: ObjectName,
  path: FilePath,
  sha1: Type.String(),
  size: Count,
  at: Milliseconds,
  state: Type.Union([Type.Literal('quarantined'), Type.Literal('restoring'), Type.Literal('restored')]),
  message: Nullable(Type.String()),
});
export type QuarantinedFile = Static<typeof QuarantinedFile>;
/** GET quarantine?agent&quarantine&type&content&state. */
export const QuarantineList = Type.Object({ files: Type.Array(QuarantinedFile) });
export type QuarantineList = Static<typeof QuarantineList>;

/** A copy in a vault. Agents name their copies themselves, so a name means nothing without whose it is. */
export const QuarantineCopy = Type.Object({
  agent: Type.String({ maxLength: 36 }),
  quarantine: Type.String({ maxLength: 36 }),
});
export type QuarantineCopy = Static<typeof QuarantineCopy>;

/** POST quarantine/restore. */
export const RestoreFiles = Type.Object({
  files: Type.Array(QuarantineCopy, { minItems: 1, maxItems: 1000 }),
  reason: Type.Optional(Type.String({ maxLength: 256 })),
  /** Said again, after the refusal `still-listed` has said what will take the files again. */
  confirmed: Type.Optional(Type.Boolean()),
});
export type RestoreFiles = Static<typeof RestoreFiles>;
