/** Generated from quarantine.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { list, nullable, object, oneOf, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { objectNameShape } from '../channel/objects.shape.ts';
import type { ObjectName } from '../channel/objects.shape.ts';
import { filePathShape } from '../channel/detections.shape.ts';
import type { FilePath } from '../channel/detections.shape.ts';
import { countShape, millisecondsShape } from '../channel/scalars.shape.ts';
import type { Count, Milliseconds } from '../channel/scalars.shape.ts';

/** A file in quarantine on an agent. */
export interface QuarantinedFile {
  quarantine: string;
  agent: string;
  hostName: string;
  object: ObjectName;
  path: FilePath;
  sha1: string;
  size: Count;
  at: Milliseconds;
  state: 'quarantined' | 'restoring' | 'restored';
  message: string | null;
}
export const quarantinedFileShape: Shape<QuarantinedFile> = object({
  quarantine: text(),
  agent: text(),
  hostName: text(),
  object: objectNameShape,
  path: filePathShape,
  sha1: text(),
  size: countShape,
  at: millisecondsShape,
  state: oneOf(['quarantined', 'restoring', 'restored']),
  message: nullable(text()),
});

/** GET quarantine?agent&quarantine&type&content&state. */
export interface QuarantineList {
  files: QuarantinedFile[];
}
export const quarantineListShape: Shape<QuarantineList> = object({ files: list(quarantinedFileShape) });

/** A copy in quarantine. Agents choose the IDs of their copies, so an ID means nothing without its agent. */
export interface QuarantineCopy {
  agent: string;
  quarantine: string;
}

/** POST quarantine/restore. */
export interface RestoreFiles {
  files: QuarantineCopy[];
  reason?: string;
  /** True after the refusal `still-listed` said what would quarantine the files again, and a person confirmed. */
  confirmed?: boolean;
}
