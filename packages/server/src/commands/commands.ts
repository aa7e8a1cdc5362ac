/** The history of commands: who requested what, and how it ended. Agents follow desired states, not commands. */
import { acts } from '@cordon/protocol/automation';
import type { Act } from '@cordon/protocol/automation';
import type { CommandRecord } from '@cordon/protocol/console';
import { isolationActs, rulesOf } from '../act-table/act-table.ts';
import type { Database, Queries } from '../database/database.ts';
import { recordEvent } from '../delivery/record-event.ts';
import { commandsOf, endCommands, insertCommands, newestCommands } from './queries.ts';
import type { CommandRow, NewCommand, UpToEpoch, Which } from './queries.ts';

/** One act on one agent, as it is ordered. */
export interface Ordered {
  readonly number: number;
  /** The epoch whose report will finish it. */
  readonly epoch: number;
  /** Whether the agent has proved it already. */
  readonly held: boolean;
}

export interface Occasion {
  readonly act: Act;
  readonly requestedBy: string;
  readonly now: number;
}

/** What an agent's report means for the commands that wait for it. */
export interface Settled {
  /** The agents. */
  readonly numbers: readonly number[];
  readonly upToEpoch: UpToEpoch;
  /** The acts that their reports show done. */
  readonly done: readonly Act[];
  /** Why an isolation or release is not held; null when nothing failed. */
  readonly problem: string | null;
  readonly now: number;
}

/** Writes down an act on some agents, and that it ends what it contradicts. */
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
  // Whoever waits to hear that it is done hears so, though nothing had to be done.
  const held = await insertCommands(tx, ordered.filter((one) => one.held).map(row));
  await announceEnded(tx, 'command.done', held, now);
}

/** Finishes what the reports of some agents finish. */
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

/** Ends everything that still waits for an agent that is not coming back. */
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
