/** What other rooms read from the table of approvals. */
import type { Queries } from '../database/database.ts';

/** How many actions wait for approval. */
export async function countPending(read: Queries, now: number): Promise<number> {
  const pending = read.selectFrom('approvals').where('state', '=', 'pending').where('expires_at', '>', now);
  const row = await pending.select((count) => count.fn.countAll<number>().as('count')).executeTakeFirst();
  return row?.count ?? 0;
}
