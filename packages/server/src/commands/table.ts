/** What other rooms read from the table of commands. */
import type { Queries } from '../database/database.ts';

/** Distinct agents for which `caller` requested one of these actions since `since`. */
export async function recentTargets(
  read: Queries,
  caller: string,
  { acts, since }: { acts: readonly string[]; since: number },
): Promise<number[]> {
  const rows = await read
    .selectFrom('commands')
    .select('agent_number')
    .distinct()
    .where('requested_by', '=', caller)
    .where('requested_at', '>', since)
    .where('act', 'in', [...acts])
    .execute();
  return rows.map((row) => row.agent_number);
}
