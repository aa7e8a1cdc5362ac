/** Generated from detections.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { fieldsOf, integer, list, nullable, object, oneOf, optional, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { countShape, guidShape, millisecondsShape } from './scalars.shape.ts';
import type { Count, Guid, Milliseconds } from './scalars.shape.ts';
import { objectNameShape } from './objects.shape.ts';
import type { ObjectName } from './objects.shape.ts';

/** A path as people read it. Where it is not UTF-8, `bytes` (base64) has the exact path. */
export interface FilePath {
  text: string;
  bytes?: string;
}
export const filePathShape: Shape<FilePath> = object({
  text: text({ min: 1, max: 4096 }),
  bytes: optional(text({ max: 5500 })),
});

/** A process. Its start time (clock ticks since boot) distinguishes it from a later one with the same number. */
export interface ProcessName {
  pid: Count;
  startedAt: Count;
}
export const processNameShape: Shape<ProcessName> = object({ pid: countShape, startedAt: countShape });

/** What is known of a process; empty where it ended first. */
export interface ProcessInfo extends ProcessName {
  name: string;
  executable: string;
  commandLine: string;
}
export const processInfoShape: Shape<ProcessInfo> = object({
  ...fieldsOf(processNameShape),
  name: text({ max: 255 }),
  executable: text({ max: 4096 }),
  commandLine: text({ max: 4096 }),
});

export interface DetectedFile {
  path: FilePath;
  sha1: string;
  /** Bytes. */
  size: Count;
  device: Count;
  inode: Count;
  /** Hard links to the same content that remain. */
  otherLinks: Count;
  /** ID of the copy in quarantine; null when there is none. */
  quarantine: Guid | null;
  /** Processes that run from it or have it open at that moment; the first 32. */
  usedBy: ProcessInfo[];
}
export const detectedFileShape: Shape<DetectedFile> = object({
  path: filePathShape,
  sha1: text({ pattern: '^[0-9A-F]{40}$' }),
  size: countShape,
  device: countShape,
  inode: countShape,
  otherLinks: countShape,
  quarantine: nullable(guidShape),
  usedBy: list(processInfoShape, { max: 32 }),
});

export interface DetectedRemote {
  direction: 'in' | 'out';
  protocol: string;
  address: string;
  port: number | null;
  /** The name in the DNS question; null when the match was an address. */
  name: string | null;
}
export const detectedRemoteShape: Shape<DetectedRemote> = object({
  direction: oneOf(['in', 'out']),
  protocol: text({ max: 16 }),
  address: text({ min: 2, max: 45 }),
  port: nullable(integer({ min: 0, max: 65_535 })),
  name: nullable(text({ max: 255 })),
});

/** A detection before the enforcer numbers it. */
export interface Match {
  at: Milliseconds;
  detectedBy: 'open' | 'execute' | 'write' | 'sweep' | 'packet' | 'name' | 'task';
  object: ObjectName;
  /**
   * `held-back`: the file is protected, so nothing was done to it. `failed`: the action did not work.
   * `late`: no decision in time, so the access was allowed (`remark` says which).
   */
  action: 'logged' | 'blocked' | 'quarantined' | 'restored' | 'held-back' | 'failed' | 'late';
  /** Why; null when the action says it all. */
  remark: string | null;
  /** Equal detections within a minute are reported as one. */
  count: number;
  file: DetectedFile | null;
  process: ProcessInfo | null;
  user: { id: Count; name: string } | null;
  remote: DetectedRemote | null;
}
export const matchShape: Shape<Match> = object({
  at: millisecondsShape,
  detectedBy: oneOf(['open', 'execute', 'write', 'sweep', 'packet', 'name', 'task']),
  object: objectNameShape,
  action: oneOf(['logged', 'blocked', 'quarantined', 'restored', 'held-back', 'failed', 'late']),
  remark: nullable(text({ max: 500 })),
  count: integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  file: nullable(detectedFileShape),
  process: nullable(processInfoShape),
  user: nullable(object({ id: countShape, name: text({ max: 255 }) })),
  remote: nullable(detectedRemoteShape),
});

export interface Detection extends Match {
  /** Grows by one within a spool, so that nothing is stored twice. */
  sequence: number;
}
export const detectionShape: Shape<Detection> = object({
  ...fieldsOf(matchShape),
  sequence: integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
});

/** Detections of one agent, by sequence. Signed with the agent's own key. */
export interface DetectionBatch {
  agent: Guid;
  enrolment: Guid;
  /** The spool that the sequences belong to. A spool that was lost with its disk is replaced by a new one. */
  spool: Guid;
  detections: Detection[];
}
export const detectionBatchShape: Shape<DetectionBatch> = object({
  agent: guidShape,
  enrolment: guidShape,
  spool: guidShape,
  detections: list(detectionShape, { min: 1, max: 100 }),
});
