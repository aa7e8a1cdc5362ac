/** What the quarantine keeps about one file. */
import { Type } from 'typebox';
import { Detection, ObjectName } from '@cordon/protocol/channel/schemas';

const Whole = Type.String({ pattern: '^-?[0-9]{1,20}$' });

const Bytes = Type.String();

const Flags = Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]);

/** Device and inode: what a file is, whatever its name. */
export const Inode = Type.Object({ device: Whole, inode: Whole });

export const Entry = Type.Object({
  version: Type.Literal(1),
  id: Type.String({ pattern: '^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$' }),
  /** `taking` and `restoring` are finished, or taken back, at the next start. */
  state: Type.Union([Type.Literal('taking'), Type.Literal('held'), Type.Literal('restoring')]),
  object: ObjectName,
  detectedBy: Detection.properties.detectedBy,
  takenAt: Type.Integer({ minimum: 0 }),
  /** Base64 of its bytes. */
  path: Bytes,
  sha1: Type.String({ pattern: '^[0-9A-F]{40}$' }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  size: Type.Integer({ minimum: 0 }),
  was: Inode,
  mode: Type.Integer({ minimum: 0, maximum: 0o7777 }),
  uid: Type.Integer({ minimum: 0 }),
  gid: Type.Integer({ minimum: 0 }),
  /** Nanoseconds since 1970. */
  accessed: Whole,
  modified: Whole,
  links: Type.Integer({ minimum: 1 }),
  flags: Flags,
  /** Of the folder it is in. */
  folderFlags: Flags,
  attributes: Type.Array(Type.Object({ name: Bytes, value: Bytes })),
  /** The file that is about to be put back. */
  restored: Type.Optional(Inode),
});
