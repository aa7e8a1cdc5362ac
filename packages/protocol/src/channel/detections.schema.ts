/** Detections: an agent has met a suspicious object, and what it did about it. Text in them is hostile. */
import { Type } from 'typebox';
import { ObjectName } from './objects.schema.ts';
import { Count, Guid, Milliseconds, Nullable } from './scalars.schema.ts';

/** A path as people read it; `bytes` (base64) as well when those are not UTF-8, and then they count. */
export const FilePath = Type.Object({
  text: Type.String({ minLength: 1, maxLength: 4096 }),
  bytes: Type.Optional(Type.String({ maxLength: 5500 })),
});

/** A process, told apart from a later one of the same number by when it was started (clock ticks since boot). */
export const ProcessName = Type.Object({ pid: Count, startedAt: Count });

/** What is known of a process; empty where it had ended before it could be asked. */
export const ProcessInfo = Type.Object({
  ...ProcessName.properties,
  name: Type.String({ maxLength: 255 }),
  executable: Type.String({ maxLength: 4096 }),
  commandLine: Type.String({ maxLength: 4096 }),
});

export const DetectedFile = Type.Object({
  path: FilePath,
  sha1: Type.String({ pattern: '^[0-9A-F]{40}$' }),
  /** Bytes. */
  size: Count,
  device: Count,
  inode: Count,
  /** Further names of the same content (hard links) that are left. */
  otherLinks: Count,
  /** Names the copy in the vault; null when there is none. */
  quarantine: Nullable(Guid),
  /** Processes that run from it, or have it open, at that moment; the first 32. */
  usedBy: Type.Array(ProcessInfo, { maxItems: 32 }),
});

export const DetectedRemote = Type.Object({
  direction: Type.Union([Type.Literal('in'), Type.Literal('out')]),
  protocol: Type.String({ maxLength: 16 }),
  address: Type.String({ minLength: 2, maxLength: 45 }),
  port: Nullable(Type.Integer({ minimum: 0, maximum: 65_535 })),
  /** The name that was asked of DNS; null when an address was met. */
  name: Nullable(Type.String({ maxLength: 255 })),
});

export const Detection = Type.Object({
  /** Grows by one within a spool: what is stored once stays stored once. */
  sequence: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  at: Milliseconds,
  detectedBy: Type.Union([
    Type.Literal('open'),
    Type.Literal('execute'),
    Type.Literal('write'),
    Type.Literal('sweep'),
    Type.Literal('packet'),
    Type.Literal('name'),
    /** A person asked: a restore from the vault. */
    Type.Literal('task'),
  ]),
  object: ObjectName,
  /**
   * `held-back`: the shield kept the action from a file that the system needs. `failed`: it was tried in vain.
   * `late`: nobody could decide in time, and the opener was let through (`remark` says which).
   */
  action: Type.Union([
    Type.Literal('logged'),
    Type.Literal('blocked'),
    Type.Literal('quarantined'),
    Type.Literal('restored'),
    Type.Literal('held-back'),
    Type.Literal('failed'),
    Type.Literal('late'),
  ]),
  /** Why, in a sentence; null when the action says it all. */
  remark: Nullable(Type.String({ maxLength: 500 })),
  /** Like ones within a minute are told once. */
  count: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  file: Nullable(DetectedFile),
  process: Nullable(ProcessInfo),
  user: Nullable(Type.Object({ id: Count, name: Type.String({ maxLength: 255 }) })),
  remote: Nullable(DetectedRemote),
});

/** What one agent has met, in the order of the sequence. Signed with the agent's own key. */
export const DetectionBatch = Type.Object({
  agent: Guid,
  enrolment: Guid,
  /** Names the spool that the sequences count; one that was lost with its disk is followed by another. */
  spool: Guid,
  detections: Type.Array(Detection, { minItems: 1, maxItems: 100 }),
});
