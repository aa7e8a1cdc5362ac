/** Tasks: what an agent is asked to do once, and how far it has come. Sent again until it is finished. */
import { Type } from 'typebox';
import { FilePath, ProcessName, ProcessInfo } from './detections.schema.ts';
import { ObjectName } from './objects.schema.ts';
import { Count, Guid, Milliseconds } from './scalars.schema.ts';

const Sha1 = Type.String({ pattern: '^[0-9A-F]{40}$' });

/** Names a task; `list:<revision>` for the sweep that an agent begins by itself when its list has changed. */
export const TaskId = Type.String({ pattern: '^[0-9A-Za-z:_-]{1,64}$' });

export const TaskWork = Type.Union([
  /** Look for everything on the list. `act` false only reports; `roots` null is every real filesystem. */
  Type.Object({
    kind: Type.Literal('sweep'),
    act: Type.Boolean(),
    roots: Type.Union([Type.Array(Type.String({ maxLength: 4096 }), { minItems: 1, maxItems: 16 }), Type.Null()]),
  }),
  /** Where is this content? Listed or not; reports, and does nothing. */
  Type.Object({
    kind: Type.Literal('find'),
    files: Type.Array(Type.Object({ sha1: Sha1, size: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]) }), {
      minItems: 1,
      maxItems: 100,
    }),
  }),
  /** Put files back where they were: these copies, or all that were taken for an object. */
  Type.Object({
    kind: Type.Literal('restore-files'),
    quarantine: Type.Union([Type.Array(Guid, { minItems: 1, maxItems: 1000 }), Type.Null()]),
    object: Type.Union([ObjectName, Type.Null()]),
  }),
  /** End these very processes, and no later ones of the same numbers. */
  Type.Object({
    kind: Type.Literal('end-processes'),
    processes: Type.Array(ProcessName, { minItems: 1, maxItems: 32 }),
  }),
  Type.Object({ kind: Type.Literal('cancel'), task: TaskId }),
]);

/** Signed with the order key. */
export const Task = Type.Object({
  agent: Guid,
  enrolment: Guid,
  task: TaskId,
  issuedAt: Milliseconds,
  /** Not begun after this. */
  expiresAt: Milliseconds,
  work: TaskWork,
});

/** A file with the content that was looked for. */
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

/** How far a task has come, or what came of it. Signed with the agent's own key; a later one replaces an earlier. */
export const Progress = Type.Object({
  agent: Guid,
  enrolment: Guid,
  task: TaskId,
  kind: Type.String({ maxLength: 32 }),
  at: Milliseconds,
  state: Type.Union([Type.Literal('running'), Type.Literal('done'), Type.Literal('failed'), Type.Literal('cancelled')]),
  /** Files looked at, and how many there are as far as is known; null before that is known. */
  files: Count,
  of: Type.Union([Count, Type.Null()]),
  /** Bytes read. A file whose digest is remembered costs none. */
  bytes: Count,
  /** Files that could not be read. */
  unreadable: Count,
  /** Copies found, of which the first are in `copies`; files restored; processes ended. */
  found: Count,
  copies: Type.Array(Copy, { maxItems: 100 }),
  /** What did not work, or whatever else there is to say. */
  message: Type.Union([Type.String({ maxLength: 1000 }), Type.Null()]),
});
