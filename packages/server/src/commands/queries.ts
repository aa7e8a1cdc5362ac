/** Queries of the commands: the history of requests and their outcomes. */
import { agentsInScope } from '../access/scope.ts';
import type { Folders } from '../access/scope.ts';
import { chunks } from '../chunks.ts';
import type { Queries, Row } from '../database/database.ts';

export type NewCommand = Omit<Row<'commands'>, 'id'>;

/** Returns the new ids, in no order. */
export async function insertCommands(tx: Queries, commands: readonly NewCommand[]): Promise<number[]> {
  const ids: number[] = [];
  for (const some of chunks(commands)) {
    const insert = tx.insertInto('commands').values(some);
    ids.push(...(await insert.returning('id').execute()).map((row) => row.id));
  }
  return ids;
}

export type UpToEpoch = number | 'reported';

export interface Ending {
  readonly state: 'done' | 'failed' | 'superseded';
  readonly outcome: string | null;
  readonly at: number;
}

/**
 * Ends the unfinished commands of `acts` on these agents, and returns their ids; a failed one may still become done. Up
 * to an epoch, or up to the epoch each agent has reported.
 */
export async function endCommands(
  tx: Queries,
  which: { numbers: readonly number[]; acts: readonly string[]; upToEpoch?: UpToEpoch },
  ending: Ending,
): Promise<number[]> {
  const ids: number[] = [];
  for (const some of chunks(which.numbers)) {
    let update = tx
      .updateTable('commands')
      .set({ state: ending.state, outcome: ending.outcome, finished_at: ending.at })
      .where('agent_number', 'in', some)
      .where('state', 'in', ending.state === 'done' ? ['pending', 'failed'] : ['pending'])
      .where('act', 'in', [...which.acts]);
    const { upToEpoch } = which;
    if (upToEpoch === 'reported') {
      update = update.where('epoch', '<=', (one) =>
        one.selectFrom('agents').select('reported_epoch').whereRef('agents.number', '=', 'commands.agent_number'),
      );
    } else if (upToEpoch !== undefined) update = update.where('epoch', '<=', upToEpoch);
    ids.push(...(await update.returning('id').execute()).map((row) => row.id));
  }
  return ids;
}

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

export interface CommandRow extends Row<'commands'> {
  readonly entity_id: string;
  readonly host_name: string;
}

/** These commands, with the names of their agents. */
export async function commandsOf(read: Queries, ids: readonly number[]): Promise<CommandRow[]> {
  const rows: CommandRow[] = [];
  for (const some of chunks(ids)) {
    rows.push(...(await withAgents(read).where('commands.id', 'in', some).orderBy('commands.id').execute()));
  }
  return rows;
}

/** One page of the commands. */
export interface Which {
  readonly agent: string | undefined;
  /** The last id of the previous page. */
  readonly before?: number | undefined;
  readonly scope: Folders;
  readonly limit: number;
}

/** The newest commands, of one agent or of all in a scope. */
export function newestCommands(read: Queries, { agent, before, scope, limit }: Which): Promise<CommandRow[]> {
  let query = withAgents(read).where(agentsInScope(scope)).orderBy('commands.id', 'desc').limit(limit);
  if (agent !== undefined) query = query.where('agents.entity_id', '=', agent.toLowerCase());
  if (before !== undefined) query = query.where('commands.id', '<', before);
  return query.execute();
}

// oxlint-disable-next-line typescript/explicit-module-boundary-types, typescript/explicit-function-return-type -- Kysely's own, and long
function withAgents(read: Queries) {
  return read
    .selectFrom('commands')
    .innerJoin('agents', 'agents.number', 'commands.agent_number')
    .selectAll('commands')
    .select(['agents.entity_id', 'agents.host_name']);
}
