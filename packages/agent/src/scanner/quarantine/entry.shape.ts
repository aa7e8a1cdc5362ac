/** Generated from entry.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { integer, list, nullable, object, oneOf, optional, text } from '@cordon/protocol/shape';
import type { Shape } from '@cordon/protocol/shape';
import { objectNameShape } from '@cordon/protocol/channel';
import type { ObjectName } from '@cordon/protocol/channel';

/** Device and inode: what a file is, whatever its name. */
export interface Inode {
  device: string;
  inode: string;
}
export const inodeShape: Shape<Inode> = object({
  device: text({ pattern: '^-?[0-9]{1,20}$' }),
  inode: text({ pattern: '^-?[0-9]{1,20}$' }),
});

export interface Entry {
  version: 1;
  id: string;
  /** `taking` and `restoring` are finished, or taken back, at the next start. */
  state: 'taking' | 'held' | 'restoring';
  object: ObjectName;
  detectedBy: 'open' | 'execute' | 'write' | 'sweep' | 'packet' | 'name' | 'task';
  takenAt: number;
  /** Base64 of its bytes. */
  path: string;
  sha1: string;
  sha256: string;
  size: number;
  was: Inode;
  mode: number;
  uid: number;
  gid: number;
  /** Nanoseconds since 1970. */
  accessed: string;
  modified: string;
  links: number;
  flags: number | null;
  /** Of the folder it is in. */
  folderFlags: number | null;
  attributes: { name: string; value: string }[];
  /** The file that is about to be put back. */
  restored?: Inode;
}
export const entryShape: Shape<Entry> = object({
  version: oneOf([1]),
  id: text({ pattern: '^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$' }),
  state: oneOf(['taking', 'held', 'restoring']),
  object: objectNameShape,
  detectedBy: oneOf(['open', 'execute', 'write', 'sweep', 'packet', 'name', 'task']),
  takenAt: integer({ min: 0 }),
  path: text(),
  sha1: text({ pattern: '^[0-9A-F]{40}$' }),
  sha256: text({ pattern: '^[0-9a-f]{64}$' }),
  size: integer({ min: 0 }),
  was: inodeShape,
  mode: integer({ min: 0, max: 4095 }),
  uid: integer({ min: 0 }),
  gid: integer({ min: 0 }),
  accessed: text({ pattern: '^-?[0-9]{1,20}$' }),
  modified: text({ pattern: '^-?[0-9]{1,20}$' }),
  links: integer({ min: 1 }),
  flags: nullable(integer({ min: 0 })),
  folderFlags: nullable(integer({ min: 0 })),
  attributes: list(object({ name: text(), value: text() })),
  restored: optional(inodeShape),
});
