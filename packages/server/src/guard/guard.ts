/** The guard: checks acts, holds those that need a second person, and records the decision. */
import { putSetting, setting } from '../database/named-values.ts';
import { guardedActs } from '../act-table/act-table.ts';
import { anyOutside, countAgents, countToIsolate, hostNames } from '../agents/table.ts';
import { recentTargets } from '../commands/table.ts';
import type { Act } from '@cordon/protocol/automation';
import { Refusal } from '@cordon/protocol/automation';
import { guardSettingsShape } from '@cordon/protocol/console';
import type { Approval, GuardReason, GuardSettings } from '@cordon/protocol/console';
import { fits } from '@cordon/protocol/shape';
import type { Folders } from '../access/scope.ts';
import type { Actor, Audit } from '../audit/audit.ts';
import type { Database, Queries, Row } from '../database/database.ts';
import { fromJson, toJson } from '../database/json.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import { recordEvent } from '../delivery/record-event.ts';
import { defaultSettings, judge } from './policy.ts';
import type { Target } from './policy.ts';
import type { NewApproval } from './queries.ts';
import {
  approval,
  countPendingOf,
  decideApproval,
  lockGuard,
  pastApprovals,
  pendingApprovals,
  pendingAgents,
  putApproval,
} from './queries.ts';

export interface GuardDeps {
  readonly database: Database;
  readonly audit: Audit;
  readonly now: () => number;
  /** Accounts that may know the key of the application with this ID. */
  readonly keyHolders: (tx: Queries, application: string) => Promise<string[]>;
}

/** A held act, as the guard stores it. */
export interface Held {
  readonly act: Act;
  /** The options of the act; acts/ knows their form. */
  readonly change: unknown;
  /** The requester's reason, as written. */
  readonly reason: string;
  /** Numbers of the agents that matched. */
  readonly agents: readonly number[];
}

const settingsName = 'guard';
const hour = 3_600_000;
const approvalMilliseconds = 24 * hour;
/** Counting a large fleet takes milliseconds, and the number hardly changes. */
const fleetCountMilliseconds = 10_000;
const namesShown = 20;
const maxPendingOfOne = 500;
/** In one answer; the rest appears once these are decided. */
const maxPending = 2000;
const maxPast = 200;

export class Guard {
  readonly #deps: GuardDeps;
  #fleet: { count: number; at: number } | undefined;

  constructor(deps: GuardDeps) {
    this.#deps = deps;
  }

  /** Call before `reasons`, in the same transaction: no other act is checked until this one is done or held. */
  lock(tx: Queries): Promise<void> {
    return lockGuard(tx, this.#deps.database);
  }

  /** Why `actor` needs a second person to cut off these agents; empty when not. Runs inside the act's transaction. */
  async reasons(tx: Queries, actor: Actor, targets: readonly Target[]): Promise<GuardReason[]> {
    if (targets.length === 0) return [];
    const settings = await this.settings(tx);
    const caller = actor.name.startsWith('application:') ? 'application' : 'person';
    const recent = new Set(await recentTargets(tx, actor.name, { acts: guardedActs, since: this.#deps.now() - hour }));
    const isolated = await countToIsolate(tx);
    // Below the threshold the share does not apply, so the fleet need not be counted.
    const fleet = isolated + targets.length > settings.shareCountsAbove ? await this.#countFleet(tx) : 0;
    return judge(settings, { caller, recent, isolated, fleet }, targets);
  }

  /** Holds an act until a second person decides; the same act requested again gets the same approval. */
  async hold(
    tx: Queries,
    actor: Actor,
    held: Held,
    { reasons, selector }: { readonly reasons: readonly GuardReason[]; readonly selector: object },
  ): Promise<number> {
    const now = this.#deps.now();
    const row: NewApproval = {
      act: held.act,
      change: toJson(held.change),
      reason: held.reason,
      agents: toJson(held.agents),
      reasons: toJson(reasons),
      requested_by: actor.name,
      also_requested_by: toJson(await this.#behind(tx, actor)),
      requested_at: now,
      expires_at: now + approvalMilliseconds,
      state: 'pending',
      decided_by: null,
      decided_at: null,
    };
    const { id, isNew } = await putApproval(tx, row);
    // One caller, with a stolen key for example, must not crowd out the requests of others.
    if (isNew && (await countPendingOf(tx, actor.name, now)) > maxPendingOfOne) throw tooManyPending();
    if (isNew) await this.#announce(tx, 'approval.held', { ...row, id });
    const { agents, change, reason } = held;
    const detail = JSON.stringify({ selector, agents: agents.length, change, reason, reasons });
    const fact = { act: `hold-${held.act}`, target: `approval ${id}`, agents, outcome: 'guard', detail };
    await this.#deps.audit.record(tx, actor, fact);
    return id;
  }

  /** Decides an approval inside `tx`, and returns the held act. The approver must not be the requester. */
  async decide(
    tx: Queries,
    actor: Actor,
    id: number,
    state: 'approved' | 'rejected',
  ): Promise<Held & { requestedBy: string }> {
    const row = await approval(tx, id);
    if (row === undefined) throw unknownApproval(id);
    if (state === 'approved') judgeSecond(row, actor);
    if (!(await decideApproval(tx, id, { state, by: actor.name, at: this.#deps.now() }))) {
      throw new ConsoleRefusal(409, 'approval-over', `Approval ${id} is decided or expired already.`);
    }
    const held = heldOf(row);
    const fact = { act: state === 'approved' ? 'approve' : 'reject', target: `approval ${id}`, outcome: 'done' };
    const detail = `${row.act}, requested by ${row.requested_by}`;
    await this.#deps.audit.record(tx, actor, { ...fact, agents: held.agents, detail });
    const kind = state === 'approved' ? 'approval.approved' : 'approval.rejected';
    await this.#announce(tx, kind, { ...row, decided_by: actor.name });
    return { ...held, requestedBy: row.requested_by };
  }

  /** The held act of an approval; refuses when there is none. */
  async held(tx: Queries, id: number): Promise<Held> {
    const row = await approval(tx, id);
    if (row === undefined) throw unknownApproval(id);
    return heldOf(row);
  }

  /** Pending approvals first, then the newest of the others; only those whose agents are all in the scope. */
  async approvals(scope: Folders): Promise<Approval[]> {
    const { read } = this.#deps.database;
    const now = this.#deps.now();
    const rows = [...(await pendingApprovals(read, now, maxPending)), ...(await pastApprovals(read, now, maxPast))];
    const reached: Row<'approvals'>[] = [];
    for (const row of rows) if (await this.#isReached(row, scope)) reached.push(row);
    const names = await hostNames(read, [
      ...new Set(reached.flatMap((row) => heldOf(row).agents.slice(0, namesShown))),
    ]);
    return reached.map((row) => this.#shown(row, names));
  }

  /** One approval; refuses when there is none, or one of its agents is outside the scope. */
  async approval(id: number, scope: Folders): Promise<Approval> {
    const { read } = this.#deps.database;
    const row = await approval(read, id);
    if (row === undefined || !(await this.#isReached(row, scope))) throw unknownApproval(id);
    return this.#shown(row, await hostNames(read, heldOf(row).agents.slice(0, namesShown)));
  }

  /** How many approvals are pending whose agents are all in the scope. */
  async waiting(scope: Folders): Promise<number> {
    const { read } = this.#deps.database;
    let count = 0;
    for (const agents of await pendingAgents(read, this.#deps.now())) {
      const numbers = fromJson(agents);
      if (!(await anyOutside(read, numbers, scope))) count += 1;
    }
    return count;
  }

  /** The settings in force; the defaults until they are changed. */
  async settings(read: Queries = this.#deps.database.read): Promise<GuardSettings> {
    const stored = await setting(read, settingsName);
    const value: unknown = stored === undefined ? defaultSettings : JSON.parse(stored);
    return fits(guardSettingsShape, value) ? value : defaultSettings;
  }

  async change(actor: Actor, settings: GuardSettings): Promise<void> {
    await this.#deps.database.write(async (tx) => {
      const before = await this.settings(tx);
      await putSetting(tx, settingsName, JSON.stringify(settings));
      const detail = JSON.stringify({ before, after: settings });
      await this.#deps.audit.record(tx, actor, { act: 'change-guard', target: 'guard', outcome: 'done', detail });
    });
  }

  /**
   * The person who created an application or its key may send requests through it, so that person is no second person
   * then.
   */
  async #behind(tx: Queries, actor: Actor): Promise<string[]> {
    const application = /^application:(.+)$/.exec(actor.name)?.[1];
    return application === undefined ? [] : this.#deps.keyHolders(tx, application);
  }

  async #announce(
    tx: Queries,
    kind: 'approval.held' | 'approval.approved' | 'approval.rejected',
    row: Row<'approvals'>,
  ): Promise<void> {
    const { act, agents, reason } = heldOf(row);
    const reasons = [...fromJson(row.reasons)];
    const body = {
      id: row.id,
      act,
      requestedBy: row.requested_by,
      reason,
      reasons,
      agents: agents.length,
      hostNames: named(agents, await hostNames(tx, agents.slice(0, namesShown))),
      expiresAt: row.expires_at,
      decidedBy: row.decided_by,
    };
    await recordEvent(tx, { kind, at: this.#deps.now(), body });
  }

  async #countFleet(tx: Queries): Promise<number> {
    const now = this.#deps.now();
    if (this.#fleet === undefined || now - this.#fleet.at > fleetCountMilliseconds) {
      this.#fleet = { count: await countAgents(tx), at: now };
    }
    return this.#fleet.count;
  }

  async #isReached(row: Row<'approvals'>, scope: Folders): Promise<boolean> {
    return scope.length === 0 || !(await anyOutside(this.#deps.database.read, heldOf(row).agents, scope));
  }

  #shown(row: Row<'approvals'>, names: ReadonlyMap<number, string>): Approval {
    const { agents } = heldOf(row);
    const reasons = [...fromJson(row.reasons)];
    const isOver = row.state === 'pending' && row.expires_at <= this.#deps.now();
    return {
      id: row.id,
      act: row.act,
      requestedBy: row.requested_by,
      requestedAt: row.requested_at,
      expiresAt: row.expires_at,
      reasons,
      terms: row.change,
      reason: row.reason,
      agents: agents.length,
      hostNames: named(agents, names),
      state: isOver ? 'expired' : row.state,
      decidedBy: row.decided_by,
      decidedAt: row.decided_at,
    };
  }
}

/** The names of the first of these agents. */
function named(agents: readonly number[], names: ReadonlyMap<number, string>): string[] {
  return agents.slice(0, namesShown).flatMap((number) => names.get(number) ?? []);
}

function tooManyPending(): Refusal {
  return new Refusal(
    'guard-too-many',
    `${maxPendingOfOne} requests of this caller already await approval. Nothing was changed, and this request was not stored. Decide those first: "cordon approvals list".`,
  );
}

export function unknownApproval(id: number): ConsoleRefusal {
  return new ConsoleRefusal(404, 'approval-unknown', `There is no approval ${id}.`);
}

/** The approver must be another person than the requester, under any of their names. */
function judgeSecond(row: Row<'approvals'>, actor: Actor): void {
  if (row.requested_by === actor.name) {
    throw new ConsoleRefusal(403, 'same-person', 'You requested this, so another person must approve it.');
  }
  const behind = fromJson(row.also_requested_by);
  if (behind.includes(actor.name)) {
    const message = 'You created the requesting application or its key, so another person must approve this.';
    throw new ConsoleRefusal(403, 'same-person', message);
  }
}

function heldOf(row: Row<'approvals'>): Held {
  const agents = fromJson(row.agents);
  const change = fromJson(row.change);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by `hold` from an Act
  return { act: row.act as Act, change, agents, reason: row.reason };
}
