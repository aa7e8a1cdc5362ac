/** Break-glass codes: derived from the master key when needed, never stored. */
import { breakGlassDigest, writeBreakGlassCode } from '@cordon/protocol/channel';
import type { BreakGlassCodes } from '@cordon/protocol/console';
import type { Actor, Audit } from '../audit/audit.ts';
import type { Database, Row } from '../database/database.ts';
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
    return breakGlassDigest(this.#codeFor(desired, desired.desired_epoch), {
      agent: desired.entity_id,
      enrolment: desired.enrolment,
      epoch: desired.desired_epoch,
    });
  }

  /**
   * The codes for the isolation that the endpoint may be under: what it last reported, and what is desired now. A release
   * that has not reached the endpoint does not take its code away. The audit records who reads them.
   */
  async codes(actor: Actor, entityId: string): Promise<BreakGlassCodes> {
    return this.#deps.database.write(async (tx) => {
      const agent = await agentByEntityId(tx, entityId.toLowerCase());
      if (agent === undefined) throw new ConsoleRefusal(404, 'agent-unknown', `There is no agent ${entityId}.`);
      const codes = isolationsOf(agent).map(({ epoch, isolation }) => ({
        epoch,
        isolation,
        code: this.#codeFor(agent, epoch),
      }));
      if (codes.length === 0) {
        throw new ConsoleRefusal(
          409,
          'not-isolated',
          `${agent.host_name} is not isolated, and has reported so, so there is nothing to release.`,
        );
      }
      const detail = codes.map(({ epoch }) => `epoch ${epoch}`).join(', ');
      await this.#deps.audit.record(tx, actor, { act: 'show-break-glass', ...about(agent), outcome: 'done', detail });
      const body = { agent: agent.entity_id, hostName: agent.host_name, shownTo: actor.name };
      await recordEvent(tx, { kind: 'break-glass.shown', at: this.#deps.now(), body });
      return { agent: agent.entity_id, codes };
    });
  }

  #codeFor({ entity_id: agent, enrolment }: Pick<DesiredRow, 'entity_id' | 'enrolment'>, epoch: number): string {
    return writeBreakGlassCode(this.#deps.sealer.derive(`break-glass ${agent} ${enrolment} ${epoch}`));
  }
}

type Reported = Pick<Row<'agents'>, 'desired_isolation' | 'desired_epoch' | 'reported_isolation' | 'reported_epoch'>;

/** Unproven counts as isolated: it is not known that the kernel lets packets through. */
function isolationsOf(agent: Reported): Pick<BreakGlassCodes['codes'][number], 'epoch' | 'isolation'>[] {
  const reported = { epoch: agent.reported_epoch, isolation: 'reported' } as const;
  const desired = { epoch: agent.desired_epoch, isolation: 'desired' } as const;
  const mayBeHeld = agent.reported_isolation !== 'normal' && agent.reported_epoch > 0;
  const isNewer = agent.desired_isolation === 'isolated' && (!mayBeHeld || desired.epoch !== reported.epoch);
  return [...(mayBeHeld ? [reported] : []), ...(isNewer ? [desired] : [])];
}
