/** Generated from detections.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { integer, list, nullable, object, oneOf, record, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { countShape, millisecondsShape } from '../channel/scalars.shape.ts';
import type { Count, Milliseconds } from '../channel/scalars.shape.ts';
import { objectNameShape } from '../channel/objects.shape.ts';
import type { ObjectName } from '../channel/objects.shape.ts';
import { detectedFileShape, detectedRemoteShape, processInfoShape } from '../channel/detections.shape.ts';
import type { DetectedFile, DetectedRemote, ProcessInfo } from '../channel/detections.shape.ts';

/** One detection as the server stores it. */
export interface DetectionRecord {
  id: number;
  agent: string;
  hostName: string;
  receivedAt: Milliseconds;
  /** Grows by one within a spool, so that nothing is stored twice. */
  sequence: number;
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
  user: {
    id: Count;
    name: string;
  } | null;
  remote: DetectedRemote | null;
}
export const detectionRecordShape: Shape<DetectionRecord> = object({
  id: integer(),
  agent: text(),
  hostName: text(),
  receivedAt: millisecondsShape,
  sequence: integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  at: millisecondsShape,
  detectedBy: oneOf(['open', 'execute', 'write', 'sweep', 'packet', 'name', 'task']),
  object: objectNameShape,
  action: oneOf(['logged', 'blocked', 'quarantined', 'restored', 'held-back', 'failed', 'late']),
  remark: nullable(text({ max: 500 })),
  count: integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  file: nullable(detectedFileShape),
  process: nullable(processInfoShape),
  user: nullable(
    object({
      id: countShape,
      name: text({ max: 255 }),
    }),
  ),
  remote: nullable(detectedRemoteShape),
});

/** GET detections?agent&group&type&content&action&detectedBy&since&until&search&before&limit: the newest first. */
export interface DetectionPage {
  detections: DetectionRecord[];
  /** Pass it as `before` for the next page; null at the end. */
  next: number | null;
}
export const detectionPageShape: Shape<DetectionPage> = object({
  detections: list(detectionRecordShape),
  next: nullable(integer()),
});

/** GET detections/summary?since&until: for plots. */
export interface DetectionSummary {
  /** Width of a bucket, in milliseconds. */
  bucket: Count;
  buckets: {
    at: Milliseconds;
    counts: Record<string, Count>;
  }[];
  objects: {
    type: 'ip' | 'url' | 'domain' | 'file_sha1' | 'file';
    content: string;
    count: Count;
    agents: Count;
  }[];
}
export const detectionSummaryShape: Shape<DetectionSummary> = object({
  bucket: countShape,
  buckets: list(
    object({
      at: millisecondsShape,
      counts: record(countShape),
    }),
  ),
  objects: list(
    object({
      type: oneOf(['ip', 'url', 'domain', 'file_sha1', 'file']),
      content: text({ min: 1, max: 2047 }),
      count: countShape,
      agents: countShape,
    }),
  ),
});
