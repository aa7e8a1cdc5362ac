/** Moves agents between groups: the desired state carries the group, so a move is a new epoch. */
import type { Actor, Audit } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import type { Publish } from '../events/events.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import { agentByEntityId, agentForChange } from '../agents/table.ts';
import { about } from '../agents/rows.ts';
import type { SealedDesiredState } from '../database/rows.ts';
import { forgedFact } from '../desired-state/seal.ts';
import type { DesiredStates } from '../desired-state/desired-states.ts';
import type { Groups } from './groups.ts';

export interface GroupMovesDeps {
  readonly database: Database;
  readonly audit: Audit;
  readonly now: () => number;
  readonly desiredStates: DesiredStates;
  readonly groups: Groups;
  readonly publish: Publish;
}

export class GroupMoves {
  readonly #deps: GroupMovesDeps;

  constructor(deps: GroupMovesDeps) {
    this.#deps = deps;
  }

  /** False when there is no such agent. */
  async toGroup(actor: Actor, entityId: string, group: string): Promise<boolean> {
    const { database, audit, desiredStates, now } = this.#deps;
    const known = await agentByEntityId(database.read, entityId.toLowerCase());
    if (known === undefined) return false;
    const moved = await database.write(async (tx) => {
      await this.#deps.groups.hold(tx, group);
      const agent = await agentForChange(tx, database, known.number);
      if (agent === undefined || agent.removed_at !== null) return undefined;
      if (agent.group_name === group) return [];
      if (!desiredStates.seal.fits(agent)) return refuseForged(audit, actor, agent);
      const changed = await desiredStates.change(tx, [agent], { group_name: group, now: now() });
      const detail = JSON.stringify({ before: agent.group_name, after: group });
      const fact = { act: 'move-agent', ...about(agent), outcome: 'done', detail };
      await audit.record(tx, actor, fact);
      return changed;
    });
    if (moved === undefined) return false;
    if (moved.length > 0) this.#deps.publish({ kind: 'desired-changed', desired: moved });
    return true;
  }
}

/** A move must not make a desired state that Cordon did not write valid. */
function refuseForged(audit: Audit, actor: Actor, desired: SealedDesiredState): never {
  audit.refused(actor, forgedFact(desired));
  const message = 'The desired state of this agent was changed outside Cordon. Isolate or release it, then move it.';
  throw new ConsoleRefusal(409, 'desired-state-forged', message);
}
