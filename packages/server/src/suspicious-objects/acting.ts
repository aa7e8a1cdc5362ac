/** Listed objects that act on a file or an address, for rooms that restore what an object took away. */
import type { ObjectName } from '@cordon/protocol/channel';
import type { Queries } from '../database/database.ts';
import { findObject, listedAt } from './table.ts';
import type { ObjectRow } from './table.ts';

export interface ActingObject extends ObjectName {
  readonly action: ObjectRow['scan_action'];
}

const chunkSize = 500;

/** Whether an object is listed now with an action; one that is only logged takes no file. */
export async function isActing(tx: Queries, { type, content }: ObjectName, now: number): Promise<boolean> {
  const object = await findObject(tx, type, content);
  if (object === undefined || object.scan_action === 'log') return false;
  return object.expires_at === null || object.expires_at > now;
}

/** Listed objects that act on files with these contents, of either type. */
export async function actingOn(read: Queries, contents: readonly string[], now: number): Promise<ActingObject[]> {
  const all = [...new Set(contents)];
  const found: ActingObject[] = [];
  for (let start = 0; start < all.length; start += chunkSize) {
    const files = listedAt(read, now)
      .select(['type', 'content', 'scan_action as action'])
      .where('type', 'in', ['file', 'file_sha1'])
      .where('content', 'in', all.slice(start, start + chunkSize))
      .where('scan_action', '!=', 'log');
    found.push(...(await files.execute()));
  }
  return found;
}

/** A message that says why a restored file would not stay. */
export function stillListed(objects: readonly ActingObject[]): string {
  const named = objects.slice(0, 3).map(({ type, content, action }) => `${type} ${content} (${action})`);
  const more = objects.length > named.length ? ` and ${objects.length - named.length} more` : '';
  return (
    `Still listed: ${named.join(', ')}${more}. A restored file would be blocked or quarantined again. ` +
    'Say "confirmed": true to restore it anyway.'
  );
}
