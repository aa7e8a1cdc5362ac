/** Detections as the server stores them. */
import { Type } from 'typebox';
import { Count, Milliseconds, Nullable } from '../channel/scalars.schema.ts';
import { Detection } from '../channel/detections.schema.ts';
import { ObjectName } from '../channel/objects.schema.ts';

/** One detection as the server stores it. */
export const DetectionRecord = Type.Object({
  id: Type.Integer(),
  agent: Type.String(),
  hostName: Type.String(),
  receivedAt: Milliseconds,
  ...Detection.properties,
});

/** GET detections?agent&group&type&content&action&detectedBy&since&until&search&before&limit: the newest first. */
export const DetectionPage = Type.Object({
  detections: Type.Array(DetectionRecord),
  /** Pass it as `before` for the next page; null at the end. */
  next: Nullable(Type.Integer()),
});

/** GET detections/summary?since&until: for plots. */
export const DetectionSummary = Type.Object({
  /** Width of a bucket, in milliseconds. */
  bucket: Count,
  buckets: Type.Array(Type.Object({ at: Milliseconds, counts: Type.Record(Type.String(), Count) })),
  objects: Type.Array(Type.Object({ ...ObjectName.properties, count: Count, agents: Count })),
});
