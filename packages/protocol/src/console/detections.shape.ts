/** Generated from detections.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { fieldsOf, integer, list, nullable, object, oneOf, record, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { detectionShape } from '../channel/detections.shape.ts';
import type { Detection } from '../channel/detections.shape.ts';
import { countShape, millisecondsShape } from '../channel/scalars.shape.ts';
import type { Count, Milliseconds } from '../channel/scalars.shape.ts';

/** One detection as the server stores it. */
export interface DetectionRecord extends Detection {
  id: number;
  agent: string;
  hostName: string;
  receivedAt: Milliseconds;
}
export const detectionRecordShape: Shape<DetectionRecord> = object({
  ...fieldsOf(detectionShape),
  id: integer(),
  agent: text(),
  hostName: text(),
  receivedAt: millisecondsShape,
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
  buckets: { at: Milliseconds; counts: Record<string, Count> }[];
  objects: { type: 'ip' | 'url' | 'domain' | 'file_sha1' | 'file'; content: string; count: Count; agents: Count }[];
}
export const detectionSummaryShape: Shape<DetectionSummary> = object({
  bucket: countShape,
  buckets: list(object({ at: millisecondsShape, counts: record(countShape) })),
  objects: list(
    object({
      type: oneOf(['ip', 'url', 'domain', 'file_sha1', 'file']),
      content: text({ min: 1, max: 2047 }),
      count: countShape,
      agents: countShape,
    }),
  ),
});
