/** Break-glass codes: derived from the master key when needed, never stored. */
import { breakGlassDigest, writeBreakGlassCode } from '@cordon/protocol/channel';
import type { BreakGlassCode } from '@cordon/protocol/console';
import type { Actor, Audit } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import { recordEvent } from '../delivery/record-event.ts';
import type { Sealer } from '../secrets/sealing.ts';
import { agentByEntityId } from '../agents/table.ts';
import { about } from '../agents/rows.ts';
import type { DesiredRow } from '../database/rows.ts';

export interface BreakGlassDeps {
  readonly database: Database;
  readonly audit: Audit;
  readonly sealer: Sealer;
  readonly now: () => number;
}

export class BreakGlass {
  readonly #deps: BreakGlassDeps;

  constructor(deps: BreakGlassDeps) {
    this.#deps = deps;
  }

  /** What the desired state carries instead of the code. */
  digest(desired: DesiredRow): string {
    return breakGlassDigest(this.#codeFor(desired), {
      agent: desired.entity_id,
      enrolment: desired.enrolment,
      epoch: desired.desired_epoch,
    });
  }

  /** The code for an agent's current desired isolation; the audit records who reads it. */
  async code(actor: Actor, entityId: string): Promise<BreakGlassCode> {
    return this.#deps.database.write(async (tx) => {
      const agent = await agentByEntityId(tx, entityId.toLowerCase());
      if (agent === undefined) throw new ConsoleRefusal(404, 'agent-unknown', `There is no agent ${entityId}.`);
      if (agent.desired_isolation !== 'isolated') {
        throw new ConsoleRefusal(
          409,
          'not-isolated',
          `${agent.host_name} is not isolated, so there is nothing to release.`,
        );
      }
      const fact = {
        act: 'show-break-glass',
        ...about(agent),
        outcome: 'done',
        detail: `epoch ${agent.desired_epoch}`,
      };
      await this.#deps.audit.record(tx, actor, fact);
      const body = { agent: agent.entity_id, hostName: agent.host_name, shownTo: actor.name };
      await recordEvent(tx, { kind: 'break-glass.shown', at: this.#deps.now(), body });
      return { agent: agent.entity_id, epoch: agent.desired_epoch, code: this.#codeFor(agent) };
    });
  }

  #codeFor(desired: DesiredRow): string {
    return writeBreakGlassCode(
      this.#deps.sealer.derive(`break-glass ${desired.entity_id} ${desired.enrolment} ${desired.desired_epoch}`),
    );
  }
}
