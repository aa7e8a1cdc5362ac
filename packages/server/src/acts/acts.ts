/** Performs acts in one transaction (match, guard, change, command, audit), then publishes. */
import type { Act, AgentAct } from '@cordon/protocol/automation';
import type { ActOutcome, ActRequest, GuardReason } from '@cordon/protocol/console';
import { may } from '../access/permissions.ts';
import type { Bearer } from '../access/permissions.ts';
import { everywhere, inScope } from '../access/scope.ts';
import type { Folders } from '../access/scope.ts';
import type { Actor, Audit } from '../audit/audit.ts';
import { recordCommands } from '../commands/commands.ts';
import type { Database, Queries } from '../database/database.ts';
import type { Publish } from '../events/events.ts';
import { unknownApproval } from '../guard/guard.ts';
import type { Guard } from '../guard/guard.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import { commandOfApplication, commandOfPerson } from './requests.ts';
import type { ActCommand, Known } from './requests.ts';
import { actTable, rulesOf } from '../act-table/act-table.ts';
import type { ActOptions } from '../act-table/act-table.ts';
import { decide } from './decide.ts';
import type { Decision } from './decide.ts';
import { audited, heldRefusal, namedInAudit, outcomeOf, targets } from './outcome.ts';
import type { Result } from './outcome.ts';
import { isolationOf } from '../agents/isolation.ts';
import { agentsByNumber, agentsForChange, matchForChange, matching } from '../agents/table.ts';
import { forgedFact } from '../desired-state/seal.ts';
import type { AgentRow } from '../agents/rows.ts';
import type { SealedDesiredState } from '../database/rows.ts';
import type { DesiredStates } from '../desired-state/desired-states.ts';

export interface ActsDeps extends Known {
  readonly database: Database;
  readonly audit: Audit;
  readonly guard: Guard;
  readonly desiredStates: DesiredStates;
  readonly now: () => number;
  readonly publish: Publish;
}

interface Occasion {
  readonly actor: Actor;
  /** Without a selector when an approval names its agents. */
  readonly command: Pick<ActCommand, 'act' | 'options' | 'reason'> & Partial<Pick<ActCommand, 'selector'>>;
  /** The accounts or applications behind it. */
  readonly approvals: number;
  readonly now: number;
  /** For the history: who requested it, and who approved. */
  readonly requestedBy: string;
}

export class Acts {
  readonly #deps: ActsDeps;

  constructor(deps: ActsDeps) {
    this.#deps = deps;
  }

  /** An application's act. Returns the agents it applies to, as they were before (contract 3.2). */
  async byApplication(actor: Actor, body: AgentAct): Promise<AgentRow[]> {
    const result = await this.#run(actor, commandOfApplication(body, this.#deps), everywhere);
    if (result.approval !== null) throw heldRefusal(result.approval, result.reasons);
    return result.decisions.map((one) => one.agent);
  }

  /**
   * A person's act on the agents of their folders; agents outside are treated as absent. If the guard holds it, that is
   * no error: the answer names the approval.
   */
  async byPerson(actor: Actor, body: ActRequest, scope: Folders): Promise<ActOutcome> {
    return outcomeOf(await this.#run(actor, commandOfPerson(body, this.#deps), scope));
  }

  /** Which agents an act would affect, which it would skip and why, and what the guard says. Changes nothing. */
  async preview(actor: Actor, body: ActRequest, scope: Folders): Promise<ActOutcome> {
    const command = { ...commandOfPerson(body, this.#deps), allowMultiple: true };
    const now = this.#deps.now();
    return this.#deps.database.snapshot(async (at) => {
      const { selector } = command;
      const matches = await matching(at, { selector, scope });
      const decisions = decide(command, matches, now);
      const reasons = await this.#reasons(at, actor, command.act, decisions);
      return outcomeOf({ selector, decisions, matches, reasons, approval: null });
    });
  }

  /** Performs a held act on exactly the agents that matched then. The approver must also be allowed to request it. */
  async approve(actor: Actor, id: number, bearer: Bearer): Promise<ActOutcome> {
    const now = this.#deps.now();
    const done = await this.#deps.database.write(async (tx) => {
      await this.#checkDecider(tx, id, bearer);
      const held = await this.#deps.guard.decide(tx, actor, id, 'approved');
      const command = {
        act: held.act,
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by `#run` from ActOptions
        options: held.change as ActOptions,
        reason: `${held.reason} (approval ${id})`.trim(),
      };
      const rows = await agentsForChange(tx, this.#deps.database, held.agents);
      // Another act may have moved one out of reach before its row was locked.
      if (!reachesAll(bearer.scope, rows)) throw unknownApproval(id);
      const gone = await this.#goneOf(tx, id, held.agents, rows);
      const decisions = decide({ ...command, allowMultiple: true }, rows, now);
      const requestedBy = `${held.requestedBy} + ${actor.name}`;
      const desired = await this.#perform(tx, { actor, command, approvals: 2, now, requestedBy }, decisions);
      return { decisions, gone, rows, desired };
    });
    this.#publish(done.desired, done.rows);
    const { decisions, rows: matches } = done;
    const outcome = outcomeOf({ selector: {}, decisions, matches, reasons: [], approval: null });
    return { ...outcome, leftOut: [...outcome.leftOut, ...done.gone] };
  }

  /** The agents removed while the act waited; refuses when none is left to act on. */
  async #goneOf(
    tx: Queries,
    id: number,
    held: readonly number[],
    rows: readonly AgentRow[],
  ): Promise<ActOutcome['leftOut']> {
    const there = new Set(rows.map((row) => row.number));
    const gone = await agentsByNumber(
      tx,
      held.filter((number) => !there.has(number)),
    );
    if (rows.length === 0) {
      const message = `All endpoints of approval ${id} have been removed. Reject it.`;
      throw new ConsoleRefusal(409, 'agents-gone', message);
    }
    return gone.map((row) => ({
      agent: row.entity_id,
      hostName: row.host_name,
      why: 'This endpoint has been removed.',
    }));
  }

  async reject(actor: Actor, id: number, bearer: Bearer): Promise<void> {
    const agents = await this.#deps.database.write(async (tx) => {
      await this.#checkDecider(tx, id, bearer);
      const held = await this.#deps.guard.decide(tx, actor, id, 'rejected');
      return agentsByNumber(tx, held.agents);
    });
    this.#publish([], agents);
  }

  /**
   * An approval is visible to accounts that reach all of its agents; to decide it they need the permission for its act.
   */
  async #checkDecider(tx: Queries, id: number, bearer: Bearer): Promise<void> {
    const held = await this.#deps.guard.held(tx, id);
    if (bearer.scope.length > 0 && !reachesAll(bearer.scope, await agentsByNumber(tx, held.agents))) {
      throw unknownApproval(id);
    }
    const { permission } = rulesOf(held.act);
    if (permission !== undefined && !may(bearer, permission.access)) {
      throw new ConsoleRefusal(403, 'not-permitted', permission.refusal);
    }
  }

  async #run(actor: Actor, command: ActCommand, scope: Folders): Promise<Result> {
    const { database, guard } = this.#deps;
    const now = this.#deps.now();
    const { selector } = command;
    const { result, desired } = await database.write(async (tx) => {
      const matches = await matchForChange(tx, database, { selector, scope });
      const decisions = decide(command, matches, now);
      await guard.lock(tx);
      const reasons = await this.#reasons(tx, actor, command.act, decisions);
      const judged = { selector, decisions, matches, reasons };
      if (reasons.length > 0) {
        const { act, options: change, reason } = command;
        const agents = decisions.map((one) => one.agent.number);
        const approval = await guard.hold(
          tx,
          actor,
          { act, change, reason, agents },
          { reasons, selector: audited(selector) },
        );
        return { result: { ...judged, approval }, desired: [] };
      }
      const occasion = { actor, command, approvals: 1, now, requestedBy: actor.name };
      return { result: { ...judged, approval: null }, desired: await this.#perform(tx, occasion, decisions) };
    });
    this.#publish(
      desired,
      result.decisions.map((one) => one.agent),
    );
    return result;
  }

  #publish(desired: readonly SealedDesiredState[], agents: readonly { entity_id: string }[]): void {
    if (desired.length > 0) this.#deps.publish({ kind: 'desired-changed', desired });
    this.#deps.publish({ kind: 'acts-changed', agents: agents.map((agent) => agent.entity_id) });
  }

  async #reasons(
    tx: Queries,
    actor: Actor,
    act: Act,
    decisions: readonly Decision<AgentRow>[],
  ): Promise<GuardReason[]> {
    const { guarded } = rulesOf(act);
    if (guarded === undefined) return [];
    const fresh = decisions.filter((one) => one.changes && guarded(one.agent)).map((one) => one.agent);
    return this.#deps.guard.reasons(tx, actor, fresh);
  }

  async #perform(
    tx: Queries,
    occasion: Occasion,
    decisions: readonly Decision<AgentRow>[],
  ): Promise<SealedDesiredState[]> {
    const { actor, command, now, requestedBy } = occasion;
    const desiredStates = await this.#changeDesired(tx, occasion, decisions);
    const changed = new Set(desiredStates.map((desired) => desired.number));
    const ordered = decisions.map(({ agent, held }) => ({
      number: agent.number,
      epoch: agent.desired_epoch + (changed.has(agent.number) ? 1 : 0),
      held: held && !changed.has(agent.number),
    }));
    await recordCommands(tx, { act: command.act, requestedBy, now }, ordered);
    const { act, options: change, reason } = command;
    const selector = command.selector && audited(command.selector);
    const before = decisions.slice(0, namedInAudit).map((one) => isolationOf(one.agent));
    const detail = JSON.stringify({
      selector,
      change,
      reason,
      before,
      agents: decisions.length,
      changed: changed.size,
    });
    const agents = decisions.map((one) => one.agent.number);
    await this.#deps.audit.record(tx, actor, { act, target: targets(decisions), agents, outcome: 'done', detail });
    return desiredStates;
  }

  /** A desired state whose seal does not fit was not written by Cordon; the act table says what an act does to it. */
  async #changeDesired(
    tx: Queries,
    { actor, command, approvals, now }: Occasion,
    decisions: readonly Decision<AgentRow>[],
  ): Promise<SealedDesiredState[]> {
    const { desiredStates, audit } = this.#deps;
    const { seal } = desiredStates;
    const rules = rulesOf(command.act);
    const columns = rules.columns(command.options, { now, approvals });
    const forged = decisions.map((one) => one.agent).filter((row) => !seal.fits(row));
    for (const row of forged) await audit.record(tx, actor, forgedFact(row));
    const genuine = decisions.filter((one) => one.changes && seal.fits(one.agent)).map((one) => one.agent);
    const changed = await desiredStates.change(tx, genuine, { ...columns, now });
    if (forged.length === 0 || rules.whenForged === 'pass-over') return changed;
    const released = rules.whenForged === 'replace' ? {} : actTable.release.columns();
    const replaced = { ...released, desired_installed: 1 as const, ...columns, now };
    return [...changed, ...(await desiredStates.change(tx, forged, replaced))];
  }
}

function reachesAll(scope: Folders, agents: readonly { folder: string }[]): boolean {
  return agents.every((agent) => inScope(scope, agent.folder));
}
