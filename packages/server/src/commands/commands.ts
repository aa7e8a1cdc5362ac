/** The history of commands: who requested what, and how it ended. Agents follow desired states. */
import { acts } from '@cordon/protocol/automation';
import type { Act } from '@cordon/protocol/automation';
import type { CommandRecord } from '@cordon/protocol/console';
import { isolationActs, rulesOf } from '../act-table/act-table.ts';
import type { Database, Queries } from '../database/database.ts';
import { recordEvent } from '../delivery/record-event.ts';
import { commandsOf, endCommands, insertCommands, newestCommands } from './queries.ts';
import type { CommandRow, NewCommand, UpToEpoch, Which } from './queries.ts';

/** One act on one agent, as requested. */
export interface Ordered {
  readonly number: number;
  /** The epoch whose report will finish it. */
  readonly epoch: number;
  /** Whether the agent has already proved it. */
  readonly held: boolean;
}

export interface Occasion {
  readonly act: Act;
  readonly requestedBy: string;
  readonly now: number;
}

/** What an agent's report means for its unfinished commands. */
export interface Settled {
  readonly numbers: readonly number[];
  readonly upToEpoch: UpToEpoch;
  /** The acts their reports prove done. */
  readonly done: readonly Act[];
  /** Why an isolation or release could not be applied; null when nothing failed. */
  readonly problem: string | null;
  readonly now: number;
}

/** Records an act on some agents, and ends the commands it contradicts. */
export async function recordCommands(tx: Queries, occasion: Occasion, ordered: readonly Ordered[]): Promise<void> {
  const { act, requestedBy, now } = occasion;
  const { supersedes } = rulesOf(act);
  if (supersedes.length > 0) {
    const which = { numbers: ordered.map((one) => one.number), acts: supersedes };
    await endCommands(tx, which, { state: 'superseded', outcome: `superseded by ${act}`, at: now });
  }
  const row = (one: Ordered): NewCommand => ({
    agent_number: one.number,
    act,
    requested_by: requestedBy,
    requested_at: now,
    epoch: one.epoch,
    state: one.held ? 'done' : 'pending',
    outcome: null,
    finished_at: one.held ? now : null,
  });
  await insertCommands(tx, ordered.filter((one) => !one.held).map(row));
  // Subscribers get the completion event even when nothing had to change.
  const held = await insertCommands(tx, ordered.filter((one) => one.held).map(row));
  await announceEnded(tx, 'command.done', held, now);
}

/** Finishes the commands that some agents' reports complete. */
export async function settleCommands(tx: Queries, settled: Settled): Promise<void> {
  const { numbers, upToEpoch } = settled;
  if (settled.done.length > 0) {
    const ending = { state: 'done', outcome: null, at: settled.now } as const;
    const ids = await endCommands(tx, { numbers, acts: settled.done, upToEpoch }, ending);
    await announceEnded(tx, 'command.done', ids, settled.now);
  }
  if (settled.problem !== null) {
    const ending = { state: 'failed', outcome: settled.problem, at: settled.now } as const;
    const which = { numbers, acts: isolationActs, upToEpoch };
    await announceEnded(tx, 'command.failed', await endCommands(tx, which, ending), settled.now);
  }
}

/** Ends every unfinished command of an agent that will not return. */
export async function abandonCommands(
  tx: Queries,
  which: { number: number; because: string; now: number },
): Promise<void> {
  const ending = { state: 'superseded', outcome: which.because, at: which.now } as const;
  await endCommands(tx, { numbers: [which.number], acts }, ending);
}

/** The newest commands first, of agents in the scope. */
export async function listCommands(database: Database, which: Which): Promise<CommandRecord[]> {
  const rows = await newestCommands(database.read, which);
  return rows.map((row) => Object.assign(shown(row), { state: row.state }));
}

async function announceEnded(
  tx: Queries,
  kind: 'command.done' | 'command.failed',
  ids: readonly number[],
  at: number,
): Promise<void> {
  if (ids.length === 0) return;
  const rows = await commandsOf(tx, ids);
  await recordEvent(tx, ...rows.map((row) => ({ kind, at, body: shown(row) })));
}

function shown(row: CommandRow): Omit<CommandRecord, 'state'> {
  return {
    id: row.id,
    agent: row.entity_id,
    hostName: row.host_name,
    act: row.act,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at,
    outcome: row.outcome,
    finishedAt: row.finished_at,
  };
}
