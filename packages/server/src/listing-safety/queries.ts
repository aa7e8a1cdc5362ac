/** Rows of the refused requests that may be sent again as confirmation. */
import type { Queries } from '../database/database.ts';

/** Whether the same request was refused at or after `since`; records it if not. */
export async function wasRefusedBefore(
  tx: Queries,
  digest: string,
  time: { since: number; now: number },
): Promise<boolean> {
  await tx.deleteFrom('refused_listings').where('at', '<', time.since).execute();
  const added = await tx
    .insertInto('refused_listings')
    .values({ digest, at: time.now })
    .onConflict((conflict) => conflict.column('digest').doNothing())
    .returning('digest')
    .execute();
  return added.length === 0;
}

/** The confirmation is used up. */
export async function deleteRefusal(tx: Queries, digest: string): Promise<void> {
  await tx.deleteFrom('refused_listings').where('digest', '=', digest).execute();
}
