/** Files in quarantine, and their return. */
import { Type } from 'typebox';
import { Count, Milliseconds, Nullable } from '../channel/scalars.schema.ts';
import { FilePath } from '../channel/detections.schema.ts';
import { ObjectName } from '../channel/objects.schema.ts';

/** A file in quarantine on an agent. */
export const QuarantinedFile = Type.Object({
  quarantine: Type.String(),
  agent: Type.String(),
  hostName: Type.String(),
  object: ObjectName,
  path: FilePath,
  sha1: Type.String(),
  size: Count,
  at: Milliseconds,
  state: Type.Union([Type.Literal('quarantined'), Type.Literal('restoring'), Type.Literal('restored')]),
  message: Nullable(Type.String()),
});

/** GET quarantine?agent&quarantine&type&content&state. */
export const QuarantineList = Type.Object({ files: Type.Array(QuarantinedFile) });

/** A copy in quarantine. Agents choose the IDs of their copies, so an ID means nothing without its agent. */
export const QuarantineCopy = Type.Object({
  agent: Type.String({ maxLength: 36 }),
  quarantine: Type.String({ maxLength: 36 }),
});

/** POST quarantine/restore. */
export const RestoreFiles = Type.Object({
  files: Type.Array(QuarantineCopy, { minItems: 1, maxItems: 1000 }),
  reason: Type.Optional(Type.String({ maxLength: 256 })),
  /** True after the refusal `still-listed` said what would quarantine the files again, and a person confirmed. */
  confirmed: Type.Optional(Type.Boolean()),
});
