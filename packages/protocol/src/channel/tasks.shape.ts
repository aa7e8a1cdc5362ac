/** Generated from tasks.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { anyOf, boolean, fieldsOf, integer, list, nullable, object, oneOf, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { countShape, guidShape, millisecondsShape } from './scalars.shape.ts';
import type { Count, Guid, Milliseconds } from './scalars.shape.ts';
import { objectNameShape } from './objects.shape.ts';
import type { ObjectName } from './objects.shape.ts';
import { filePathShape, processInfoShape, processNameShape } from './detections.shape.ts';
import type { FilePath, ProcessInfo, ProcessName } from './detections.shape.ts';

/** ID of a task; `list:<revision>` for the sweep that an agent starts itself when its list changes. */
export type TaskId = string;
export const taskIdShape: Shape<TaskId> = text({ pattern: '^[0-9A-Za-z:_-]{1,64}$' });

export type TaskWork =
  | { kind: 'sweep'; act: boolean; roots: string[] | null }
  | { kind: 'find'; files: { sha1: string; size: number | null }[] }
  | { kind: 'restore-files'; quarantine: Guid[] | null; object: ObjectName | null }
  | { kind: 'end-processes'; processes: ProcessName[] }
  | { kind: 'cancel'; task: TaskId };
export const taskWorkShape: Shape<TaskWork> = anyOf(
  object({ kind: oneOf(['sweep']), act: boolean(), roots: nullable(list(text({ max: 4096 }), { min: 1, max: 16 })) }),
  object({
    kind: oneOf(['find']),
    files: list(object({ sha1: text({ pattern: '^[0-9A-F]{40}$' }), size: nullable(integer({ min: 0 })) }), {
      min: 1,
      max: 100,
    }),
  }),
  object({
    kind: oneOf(['restore-files']),
    quarantine: nullable(list(guidShape, { min: 1, max: 1000 })),
    object: nullable(objectNameShape),
  }),
  object({ kind: oneOf(['end-processes']), processes: list(processNameShape, { min: 1, max: 32 }) }),
  object({ kind: oneOf(['cancel']), task: taskIdShape }),
);

/** Signed with the signing key. */
export interface Task {
  agent: Guid;
  enrolment: Guid;
  task: TaskId;
  issuedAt: Milliseconds;
  /** Not started after this. */
  expiresAt: Milliseconds;
  work: TaskWork;
}
export const taskShape: Shape<Task> = object({
  agent: guidShape,
  enrolment: guidShape,
  task: taskIdShape,
  issuedAt: millisecondsShape,
  expiresAt: millisecondsShape,
  work: taskWorkShape,
});

/** A file with the content that was searched for. */
export interface Copy {
  sha1: string;
  path: FilePath;
  size: Count;
  /** Milliseconds since 1970, as the file says. */
  modifiedAt: Count;
  /** The installed package that owns it, `dpkg:coreutils`; null when none does. */
  package: string | null;
  usedBy: ProcessInfo[];
}
export const copyShape: Shape<Copy> = object({
  sha1: text({ pattern: '^[0-9A-F]{40}$' }),
  path: filePathShape,
  size: countShape,
  modifiedAt: countShape,
  package: nullable(text({ max: 255 })),
  usedBy: list(processInfoShape, { max: 8 }),
});

/** How far a task has come, or its result. */
export interface TaskStatus {
  kind: string;
  at: Milliseconds;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  /** Files examined, and how many there are; null until that is known. */
  files: Count;
  of: Count | null;
  /** Bytes read; a file whose digest is cached costs none. */
  bytes: Count;
  /** Files that could not be read. */
  unreadable: Count;
  /** Copies found (the first are in `copies`), files restored, or processes ended. */
  found: Count;
  copies: Copy[];
  /** What did not work, or a remark. */
  message: string | null;
}
export const taskStatusShape: Shape<TaskStatus> = object({
  kind: text({ max: 32 }),
  at: millisecondsShape,
  state: oneOf(['running', 'done', 'failed', 'cancelled']),
  files: countShape,
  of: nullable(countShape),
  bytes: countShape,
  unreadable: countShape,
  found: countShape,
  copies: list(copyShape, { max: 100 }),
  message: nullable(text({ max: 1000 })),
});

/** Progress of one task of one agent. Signed with the agent's own key; a later one replaces an earlier one. */
export interface Progress extends TaskStatus {
  agent: Guid;
  enrolment: Guid;
  task: TaskId;
}
export const progressShape: Shape<Progress> = object({
  ...fieldsOf(taskStatusShape),
  agent: guidShape,
  enrolment: guidShape,
  task: taskIdShape,
});
