/** Detections: which suspicious object an agent found, and what it did. Their text is hostile. */
import { Type } from 'typebox';
import { ObjectName } from './objects.schema.ts';
import { Count, Guid, Milliseconds, Nullable } from './scalars.schema.ts';

/** A path as people read it. Where it is not UTF-8, `bytes` (base64) has the exact path. */
export const FilePath = Type.Object({
  text: Type.String({ minLength: 1, maxLength: 4096 }),
  bytes: Type.Optional(Type.String({ maxLength: 5500 })),
});

/** A process. Its start time (clock ticks since boot) distinguishes it from a later one with the same number. */
export const ProcessName = Type.Object({ pid: Count, startedAt: Count });

/** What is known of a process; empty where it ended first. */
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
  /** Hard links to the same content that remain. */
  otherLinks: Count,
  /** ID of the copy in quarantine; null when there is none. */
  quarantine: Nullable(Guid),
  /** Processes that run from it or have it open at that moment; the first 32. */
  usedBy: Type.Array(ProcessInfo, { maxItems: 32 }),
});

export const DetectedRemote = Type.Object({
  direction: Type.Union([Type.Literal('in'), Type.Literal('out')]),
  protocol: Type.String({ maxLength: 16 }),
  address: Type.String({ minLength: 2, maxLength: 45 }),
  port: Nullable(Type.Integer({ minimum: 0, maximum: 65_535 })),
  /** The name in the DNS question; null when the match was an address. */
  name: Nullable(Type.String({ maxLength: 255 })),
});

/** A detection before the enforcer numbers it. */
export const Match = Type.Object({
  at: Milliseconds,
  detectedBy: Type.Union([
    Type.Literal('open'),
    Type.Literal('execute'),
    Type.Literal('write'),
    Type.Literal('sweep'),
    Type.Literal('packet'),
    Type.Literal('name'),
    /** A person asked for it: a file restored from quarantine. */
    Type.Literal('task'),
  ]),
  object: ObjectName,
  /**
   * `held-back`: the file is protected, so nothing was done to it. `failed`: the action did not work.
   * `late`: no decision in time, so the access was allowed (`remark` says which).
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
  /** Why; null when the action says it all. */
  remark: Nullable(Type.String({ maxLength: 500 })),
  /** Equal detections within a minute are reported as one. */
  count: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  file: Nullable(DetectedFile),
  process: Nullable(ProcessInfo),
  user: Nullable(Type.Object({ id: Count, name: Type.String({ maxLength: 255 }) })),
  remote: Nullable(DetectedRemote),
});

export const Detection = Type.Object({
  /** Grows by one within a spool, so that nothing is stored twice. */
  sequence: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  ...Match.properties,
});

/** Detections of one agent, by sequence. Signed with the agent's own key. */
export const DetectionBatch = Type.Object({
  agent: Guid,
  enrolment: Guid,
  /** The spool that the sequences belong to. A spool that was lost with its disk is replaced by a new one. */
  spool: Guid,
  detections: Type.Array(Detection, { minItems: 1, maxItems: 100 }),
});
