/** What agents have not finished yet, as documents to sign and send. */
import type { Task, TaskWork } from '@cordon/protocol/channel';
import type { Audit } from '../audit/audit.ts';
import type { Database, Queries } from '../database/database.ts';
import { fromJson } from '../database/json.ts';
import type { Json } from '../database/json.ts';
import { unfinished } from './queries.ts';
import type { TaskSeal } from './task-seal.ts';

/** One agent's task, as its document states it. */
export interface Due {
  readonly number: number;
  /** Differs from the task's id, to remember what was sent. */
  readonly name: string;
  readonly document: Task;
}

export interface DueTasksDeps {
  readonly database: Database;
  readonly audit: Audit;
  readonly seal: TaskSeal;
  readonly now: () => number;
}

/** Sent to one agent at once; the rest follows when some of them are finished. */
export const maxDue = 100;
const pageSize = 500;

export class DueTasks {
  readonly #deps: DueTasksDeps;

  constructor(deps: DueTasksDeps) {
    this.#deps = deps;
  }

  /** What is unfinished of one task, in pages; `after` is the last number of the previous page. */
  async ofTask(task: string, after: number): Promise<{ due: Due[]; last: number | undefined }> {
    const rows = await this.#unfinished()
      .where('agent_tasks.task', '=', task)
      .where('agent_tasks.agent_number', '>', after)
      .orderBy('agent_tasks.agent_number')
      .limit(pageSize)
      .execute();
    return { due: this.#genuine(rows), last: rows.length === pageSize ? rows.at(-1)?.number : undefined };
  }

  /** What is unfinished of one agent, oldest first. */
  async ofAgent(agent: number): Promise<Due[]> {
    const mine = this.#unfinished().where('agent_tasks.agent_number', '=', agent);
    return this.#genuine(await mine.orderBy('fleet_tasks.requested_at').limit(maxDue).execute());
  }

  #unfinished(): ReturnType<typeof due> {
    return due(this.#deps.database.read, this.#deps.now());
  }

  /** A row that Cordon did not write is not sent. */
  #genuine(rows: readonly DueRow[]): Due[] {
    return rows.flatMap((row) => {
      if (this.#deps.seal.fits(row)) return [dueFrom(row)];
      const detail = 'The seal of this task is not valid: Cordon did not write it, and does not send it.';
      const fact = { act: 'task-forged', target: `task ${row.task} of ${row.entity_id}`, outcome: 'refused', detail };
      const actor = { name: 'server', source: 'database', requestId: '' };
      this.#deps.audit.refused(actor, { ...fact, agents: [row.number] });
      return [];
    });
  }
}

/** One agent's task, with everything that its document and seal contain. */
interface DueRow {
  readonly task: string;
  readonly number: number;
  readonly entity_id: string;
  readonly enrolment: string;
  readonly requested_at: number;
  readonly expires_at: number;
  readonly cancelled_at: number | null;
  readonly work: Json<TaskWork>;
  readonly seal: string;
}

/** Unfinished, and may still begin. */
const due = (read: Queries, now: number) =>
  read
    .selectFrom('agent_tasks')
    .innerJoin('fleet_tasks', 'fleet_tasks.id', 'agent_tasks.task')
    .innerJoin('agents', 'agents.number', 'agent_tasks.agent_number')
    .select([
      'agent_tasks.task',
      'agents.number',
      'agents.entity_id',
      'agents.enrolment',
      'fleet_tasks.requested_at',
      'fleet_tasks.expires_at',
      'fleet_tasks.cancelled_at',
      'agent_tasks.seal',
      (fn) => fn.fn.coalesce('agent_tasks.work', 'fleet_tasks.work').as('work'),
    ])
    .where('agent_tasks.state', 'in', [...unfinished])
    // Tasks that agents began by themselves are not sent.
    .where('fleet_tasks.requested_by', '!=', 'agent')
    .where('fleet_tasks.expires_at', '>', now)
    .where('agents.removed_at', 'is', null)
    // A file restored while its agent still has the object on its list would be quarantined again.
    .whereRef('agents.objects_revision', '>=', 'fleet_tasks.after_revision');

/** A cancellation has an id of its own, since the task's id names the cancelled task. */
function dueFrom(row: DueRow): Due {
  const { number, entity_id: agent, enrolment, requested_at: issuedAt, expires_at: expiresAt } = row;
  const cancelled = row.cancelled_at !== null;
  const name = cancelled ? `cancel:${row.task}` : row.task;
  const work: TaskWork = cancelled ? { kind: 'cancel', task: row.task } : fromJson(row.work);
  return { number, name, document: { agent, enrolment, task: name, issuedAt, expiresAt, work } };
}
