/** Tasks: what an agent does once, and its progress. Sent again until finished. */
import { Type } from 'typebox';
import { FilePath, ProcessName, ProcessInfo } from './detections.schema.ts';
import { ObjectName } from './objects.schema.ts';
import { Count, Guid, Milliseconds } from './scalars.schema.ts';

const Sha1 = Type.String({ pattern: '^[0-9A-F]{40}$' });

/** ID of a task; `list:<revision>` for the sweep that an agent starts itself when its list changes. */
export const TaskId = Type.String({ pattern: '^[0-9A-Za-z:_-]{1,64}$' });

export const TaskWork = Type.Union([
  /** Search for everything on the list. `act` false only reports; `roots` null means every real filesystem. */
  Type.Object({
    kind: Type.Literal('sweep'),
    act: Type.Boolean(),
    roots: Type.Union([Type.Array(Type.String({ maxLength: 4096 }), { minItems: 1, maxItems: 16 }), Type.Null()]),
  }),
  /** Search for this content, listed or not; only reports. */
  Type.Object({
    kind: Type.Literal('find'),
    files: Type.Array(Type.Object({ sha1: Sha1, size: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]) }), {
      minItems: 1,
      maxItems: 100,
    }),
  }),
  /** Restore files to where they were: these copies, or all that were quarantined for an object. */
  Type.Object({
    kind: Type.Literal('restore-files'),
    quarantine: Type.Union([Type.Array(Guid, { minItems: 1, maxItems: 1000 }), Type.Null()]),
    object: Type.Union([ObjectName, Type.Null()]),
  }),
  /** End exactly these processes, and no later ones with the same numbers. */
  Type.Object({
    kind: Type.Literal('end-processes'),
    processes: Type.Array(ProcessName, { minItems: 1, maxItems: 32 }),
  }),
  Type.Object({ kind: Type.Literal('cancel'), task: TaskId }),
]);

/** Signed with the signing key. */
export const Task = Type.Object({
  agent: Guid,
  enrolment: Guid,
  task: TaskId,
  issuedAt: Milliseconds,
  /** Not started after this. */
  expiresAt: Milliseconds,
  work: TaskWork,
});

/** A file with the content that was searched for. */
export const Copy = Type.Object({
  sha1: Sha1,
  path: FilePath,
  size: Count,
  /** Milliseconds since 1970, as the file says. */
  modifiedAt: Count,
  /** The installed package that owns it, `dpkg:coreutils`; null when none does. */
  package: Type.Union([Type.String({ maxLength: 255 }), Type.Null()]),
  usedBy: Type.Array(ProcessInfo, { maxItems: 8 }),
});

/** How far a task has come, or its result. */
export const TaskStatus = Type.Object({
  kind: Type.String({ maxLength: 32 }),
  at: Milliseconds,
  state: Type.Union([Type.Literal('running'), Type.Literal('done'), Type.Literal('failed'), Type.Literal('cancelled')]),
  /** Files examined, and how many there are; null until that is known. */
  files: Count,
  of: Type.Union([Count, Type.Null()]),
  /** Bytes read; a file whose digest is cached costs none. */
  bytes: Count,
  /** Files that could not be read. */
  unreadable: Count,
  /** Copies found (the first are in `copies`), files restored, or processes ended. */
  found: Count,
  copies: Type.Array(Copy, { maxItems: 100 }),
  /** What did not work, or a remark. */
  message: Type.Union([Type.String({ maxLength: 1000 }), Type.Null()]),
});

/** Progress of one task of one agent. Signed with the agent's own key; a later one replaces an earlier one. */
export const Progress = Type.Object({ agent: Guid, enrolment: Guid, task: TaskId, ...TaskStatus.properties });
