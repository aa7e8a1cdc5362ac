/** Rows of the commands: history of who asked what of which agent, and what came of it. */
import { agentsInScope } from '../accounts/scope.ts';
import type { Folders } from '../accounts/scope.ts';
import type { Queries, Row } from '../database/database.ts';

export type NewCommand = Omit<Row<'commands'>, 'id'>;

const chunkSize = 500;

export async function insertCommands(tx: Queries, commands: readonly NewCommand[]): Promise<void> {
  for (let start = 0; start < commands.length; start += chunkSize) {
    await tx
      .insertInto('commands')
      .values(commands.slice(start, start + chunkSize))
      .execute();
  }
}

export interface Ending {
  readonly state: 'done' | 'failed' | 'superseded';
  readonly outcome: string | null;
  readonly at: number;
}

/** Ends the unfinished commands of `act` on these agents; a failed one may still turn out done. */
export async function endCommands(
  tx: Queries,
  which: { numbers: readonly number[]; acts: readonly string[]; upToEpoch?: number },
  ending: Ending,
): Promise<void> {
  for (let start = 0; start < which.numbers.length; start += chunkSize) {
    let update = tx
      .updateTable('commands')
      .set({ state: ending.state, outcome: ending.outcome, finished_at: ending.at })
      .where('agent_number', 'in', which.numbers.slice(start, start + chunkSize))
      .where('state', 'in', ending.state === 'done' ? ['pending', 'failed'] : ['pending'])
      .where('act', 'in', [...which.acts]);
    if (which.upToEpoch !== undefined) update = update.where('epoch', '<=', which.upToEpoch);
    await update.execute();
  }
}

export interface CommandRow extends Row<'commands'> {
  readonly entity_id: string;
  readonly host_name: string;
}

/** The newest commands, of one agent or of all in a scope. */
export function newestCommands(
  read: Queries,
  { agent, scope, limit }: { agent: string | undefined; scope: Folders; limit: number },
): Promise<CommandRow[]> {
  let query = read
    .selectFrom('commands')
    .innerJoin('agents', 'agents.number', 'commands.agent_number')
    .selectAll('commands')
    .select(['agents.entity_id', 'agents.host_name'])
    .where(agentsInScope(scope))
    .orderBy('commands.id', 'desc')
    .limit(limit);
  if (agent !== undefined) query = query.where('agents.entity_id', '=', agent.toLowerCase());
  return query.execute();
}
