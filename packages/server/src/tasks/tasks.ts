/** Tasks for many agents at once: recorded, published, and sent until each agent has finished. */
import { randomUUID } from 'node:crypto';
import type { ObjectName, Progress, SignedDocument, TaskWork } from '@cordon/protocol/channel';
import type { AddTask, FleetTask, TaskDetails } from '@cordon/protocol/console';
import type { Arrived } from '../enrolment/arrival.ts';
import type { Addressee } from '../agents/rows.ts';
import { progressBy } from '../reports/signed-by.ts';
import type { Folders } from '../access/scope.ts';
import type { Actor } from '../audit/audit.ts';
import type { Queries } from '../database/database.ts';
import { fromJson, toJson } from '../database/json.ts';
import type { Publish } from '../events/events.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import { DueTasks } from './due.ts';
import type { DueTasksDeps } from './due.ts';
import { cancelTask, endLate, endUndos } from './endings.ts';
import type { GivenUp } from './endings.ts';
import { recordProgress } from './progress.ts';
import type { ProgressDeps } from './progress.ts';
import {
  fleetTask,
  insertAgentTasks,
  insertFindFiles,
  insertFleetTask,
  notBegun,
  purgeTasks,
  tasksSince,
  undoTasks,
} from './queries.ts';
import type { AgentTaskRow } from './queries.ts';
import { refuseUnfit, targetOf } from './requests.ts';
import { taskInScope, tasksInScope } from './scoped.ts';
import { shownTaskAgents } from './shown.ts';
import { agentIdsOf, agentsOf, countOpen } from './total-queries.ts';
import type { AgentOfTask } from './total-queries.ts';

/** What other rooms do in the transactions of tasks. */
export interface TaskConsequences extends ProgressDeps {
  /** Whether an object is listed with an action. */
  readonly isListed: (tx: Queries, object: ObjectName) => Promise<boolean>;
  readonly givenUp: GivenUp;
}

export interface TasksDeps extends TaskConsequences, DueTasksDeps {
  readonly addressees: (
    read: Queries,
    which: { selector?: AddTask['selector']; group?: string | undefined; scope: Folders },
  ) => Promise<Addressee[]>;
  readonly numbered: (read: Queries, numbers: readonly number[]) => Promise<Addressee[]>;
  readonly isOnline: (row: AgentOfTask) => boolean;
  readonly publish: Publish;
}

/** The work, and whether it is the same for each agent. */
export interface TaskRequest {
  readonly work: TaskWork;
  /** Work of single agents, by number; this also names the agents. Otherwise all get `work`. */
  readonly works?: ReadonlyMap<number, TaskWork>;
  readonly agents?: readonly Addressee[];
  readonly target: string;
  readonly reason: string;
  /** The object whose files are restored everywhere, and the list's revision without it. */
  readonly undo?: { readonly object: ObjectName; readonly revision: number };
}

const day = 24 * 3_600_000;
/** How long after the request a task may still begin. */
const lifetimesMs = {
  sweep: day,
  find: day,
  'restore-files': 30 * day,
  // The kernel reuses process ids: after a longer offline time they name other processes.
  'end-processes': day / 24,
} as const;
const keptMs = 30 * day;
const purgeIntervalMs = 3_600_000;
const purgedAtOnce = 20;
const endedAtOnce = 100;
const maxListed = 100;
const maxAgents = 1000;
/** Above this many agents, the audit line is not linked to each of them; the list of tasks shows the task. */
const maxAuditedAgents = 1000;
const maxNamed = 200;
export class Tasks {
  /** What is to be sent to agents. */
  readonly due: DueTasks;
  readonly #deps: TasksDeps;
  readonly #timer: NodeJS.Timeout;
  #purging: Promise<void> = Promise.resolve();

  constructor(deps: TasksDeps) {
    this.#deps = deps;
    this.due = new DueTasks(deps);
    this.#timer = setInterval(() => void this.purge(), purgeIntervalMs).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#purging;
  }

  /** Starts a task for a person; agents outside the scope are treated as nonexistent. */
  async add(actor: Actor, body: AddTask, scope: Folders): Promise<FleetTask> {
    const { work, selector, group, reason = '' } = body;
    if (work.kind === 'cancel') {
      throw new ConsoleRefusal(400, 'parameter-invalid', 'To cancel a task, use POST /api/v1/tasks/{id}/cancel.');
    }
    const id = await this.#deps.database.write(async (tx) => {
      const agents = await this.#deps.addressees(tx, { selector, group, scope });
      refuseUnfit(work, agents.length);
      const target = targetOf(agents, { whole: selector === undefined && group === undefined, scope });
      return this.request(tx, actor, { work, agents, target, reason });
    });
    this.publishChange(id);
    return this.one(id, scope);
  }

  /** Writes a task and its audit line inside `tx`, and returns its id; publish it after the commit. */
  async request(tx: Queries, actor: Actor, requested: TaskRequest): Promise<string> {
    const { work, works, undo } = requested;
    if (work.kind === 'cancel') throw new Error('A task is cancelled by `cancel`.');
    const agents = requested.agents ?? (await this.#deps.numbered(tx, [...(works?.keys() ?? [])]));
    const now = this.#deps.now();
    const task = { id: randomUUID(), requested_at: now, expires_at: now + lifetimesMs[work.kind] };
    await insertFleetTask(tx, {
      ...task,
      kind: work.kind,
      work: toJson(work),
      requested_by: actor.name,
      cancelled_at: null,
      cancel_reason: null,
      undo_type: undo?.object.type ?? null,
      undo_content: undo?.object.content ?? null,
      after_revision: undo?.revision ?? 0,
    });
    await insertAgentTasks(tx, this.#rows(task, agents, { work, ...(works === undefined ? {} : { works }) }));
    if (work.kind === 'find') await insertFindFiles(tx, task.id, [...new Set(work.files.map((file) => file.sha1))]);
    const detail = JSON.stringify({ task: task.id, agents: agents.length, reason: requested.reason, work });
    const fact = { act: `task-${work.kind}`, target: requested.target, outcome: 'done', detail };
    const numbers = agents.length > maxAuditedAgents ? [] : agents.map((agent) => agent.number);
    await this.#deps.audit.record(tx, actor, { ...fact, agents: numbers });
    return task.id;
  }

  publishChange(id: string): void {
    this.#deps.publish({ kind: 'task-changed', task: id });
  }

  /**
   * An agent has quarantined files of an object that was undone in the meantime: it is asked to restore them as well.
   * Returns the tasks to publish.
   */
  async extendUndo(tx: Queries, agent: Arrived, object: ObjectName): Promise<string[]> {
    const found = await undoTasks(tx, object, this.#deps.now());
    // If the object is listed again, the file was quarantined rightly, and would be quarantined again.
    if (found.length === 0 || (await this.#deps.isListed(tx, object))) return [];
    const [addressee] = await this.#deps.numbered(tx, [agent.number]);
    if (addressee === undefined) return [];
    for (const row of found) await insertAgentTasks(tx, this.#rows(row, [addressee], { work: fromJson(row.work) }));
    return found.map((row) => row.id);
  }

  /** An object is listed again: its undo ends. Returns the tasks to publish after the commit. */
  async endUndos(tx: Queries, actor: Actor, object: ObjectName): Promise<string[]> {
    const { now, givenUp, audit } = this.#deps;
    const ended = await endUndos(tx, object, { now: now(), givenUp });
    for (const { task, message } of ended) {
      const fact = { act: 'cancel-task', target: `task ${task}`, outcome: 'done', detail: message };
      await audit.record(tx, actor, fact);
    }
    return ended.map((one) => one.task);
  }

  /** Stores an agent's progress, or throws an Error if it is not this agent's. */
  async record(agent: Arrived, signed: SignedDocument): Promise<Progress> {
    const progress = progressBy(agent, signed);
    const now = this.#deps.now();
    await this.#deps.database.write((tx) => recordProgress(tx, this.#deps, { agent, progress, now }));
    this.#deps.publish({ kind: 'task-progressed', agent: agent.entityId });
    return progress;
  }

  /** Tasks of at least one agent in the scope, newest first. */
  list(scope: Folders): Promise<FleetTask[]> {
    return tasksInScope(this.#deps.database.read, { scope, limit: maxListed, now: this.#deps.now() });
  }

  /** A task, limited to agents in the scope; if it has none of them, it is treated as nonexistent. */
  async one(id: string, scope: Folders): Promise<FleetTask> {
    const task = await taskInScope(this.#deps.database.read, id, { scope, now: this.#deps.now() });
    if (task === undefined) throw unknown(id);
    return task;
  }

  async details(id: string, scope: Folders): Promise<TaskDetails> {
    const task = await this.one(id, scope);
    const rows = await agentsOf(this.#deps.database.read, id, { scope, limit: maxAgents });
    return { task, agents: shownTaskAgents(rows, this.#deps.isOnline) };
  }

  /** Ids of a task's agents; empty if there are too many to publish one by one. */
  async agentIds(id: string): Promise<string[]> {
    const ids = await agentIdsOf(this.#deps.database.read, id, maxNamed + 1);
    return ids.length > maxNamed ? [] : ids;
  }

  /** Waiting agents no longer begin it, and those that have begun stop. All of them must be in the scope. */
  async cancel(actor: Actor, id: string, scope: Folders): Promise<FleetTask> {
    await this.#deps.database.write(async (tx) => {
      const row = await fleetTask(tx, id);
      const seen = row && (await taskInScope(tx, id, { scope, now: this.#deps.now() }));
      if (row === undefined || seen === undefined) throw unknown(id);
      if (seen.part === true) {
        const message = `Task ${id} also involves endpoints outside your folders. Somebody who can see all of them can cancel it.`;
        throw new ConsoleRefusal(403, 'not-permitted', message);
      }
      if (id.startsWith('list:')) {
        const message =
          'Agents start this sweep themselves when their list changes. Disable sweeps for their group instead.';
        throw new ConsoleRefusal(409, 'task-own', message);
      }
      const { now, givenUp } = this.#deps;
      if (!(await cancelTask(tx, row, { now: now(), givenUp }))) {
        throw new ConsoleRefusal(409, 'task-over', `Task ${id} is already cancelled.`);
      }
      const fact = { act: 'cancel-task', target: `task ${id}`, outcome: 'done', detail: row.kind };
      await this.#deps.audit.record(tx, actor, fact);
    });
    this.publishChange(id);
    return this.one(id, scope);
  }

  /** Tasks requested or cancelled recently, here or at other nodes. */
  since(at: number): ReturnType<typeof tasksSince> {
    return tasksSince(this.#deps.database.read, at);
  }

  /** How many tasks still wait for an agent. */
  open(): Promise<number> {
    return countOpen(this.#deps.database.read, this.#deps.now());
  }

  /** Ends late tasks and deletes old ones. Never rejects: the next run repairs a failure. */
  purge(): Promise<void> {
    this.#purging = this.#purging.then(() => this.#purgeAll());
    return this.#purging;
  }

  async #purgeAll(): Promise<void> {
    try {
      const { now, givenUp } = this.#deps;
      const ending = { now: now(), givenUp };
      let late: number;
      do late = await this.#deps.database.write((tx) => endLate(tx, ending, endedAtOnce));
      while (late === endedAtOnce);
      const before = now() - keptMs;
      let gone: number;
      do gone = await this.#deps.database.write((tx) => purgeTasks(tx, before, purgedAtOnce));
      while (gone === purgedAtOnce);
    } catch (error) {
      process.emitWarning(`Old tasks could not be deleted: ${String(error)}`);
    }
  }

  #rows(
    task: { id: string; requested_at: number; expires_at: number },
    agents: readonly Addressee[],
    asked: { work: TaskWork; works?: ReadonlyMap<number, TaskWork> },
  ): AgentTaskRow[] {
    const sealOf = this.#deps.seal.sealing(JSON.stringify(asked.work));
    const { id, requested_at, expires_at } = task;
    return agents.map((agent) => {
      const own = asked.works?.get(agent.number);
      const work = own === undefined ? null : toJson(own);
      const { entity_id, enrolment } = agent;
      const said = { task: id, entity_id, enrolment, requested_at, expires_at };
      const seal = work === null ? sealOf(said) : this.#deps.seal.of({ ...said, work });
      return { task: id, agent_number: agent.number, work, seal, ...notBegun };
    });
  }
}

function unknown(id: string): ConsoleRefusal {
  return new ConsoleRefusal(404, 'task-unknown', `There is no task ${id}. GET /api/v1/tasks lists them.`);
}
