/** What can be done with agents: listing, ordering, and taking in what they report. */
import { Refusal } from '@cordon/protocol/automation';
import type { Act, AgentAct, Reason } from '@cordon/protocol/automation';
import { actFromName } from '@cordon/protocol/automation';
import type { Actor, Audit } from '../audit/audit.ts';
import { abandonCommands, recordCommands } from '../commands/commands.ts';
import type { Database, Queries } from '../database/database.ts';
import { decide } from './decide.ts';
import type { Decision } from './decide.ts';
import type { PreparedAgents, WishChange } from './queries.ts';
import { changeWishes, isFull, markRemoved, matchForChange, pageOf, prepareAgents } from './queries.ts';
import type { AgentRow, Wish } from './rows.ts';
import { selectorOfAct } from './selector.ts';
import type { Selector } from './selector.ts';

export interface AgentsParts {
  readonly database: Database;
  readonly audit: Audit;
  readonly now: () => number;
  /** Whether a managing server of this id exists. */
  readonly serverExists: (id: string) => boolean;
  /** Sends orders to those agents that are connected here, and tells the other nodes; called after the commit. */
  readonly tell: (wishes: readonly Wish[]) => void;
}

/** An act as it was asked for, parsed. */
interface Asked {
  readonly act: Act;
  readonly selector: Selector;
  readonly allowMultiple: boolean;
  readonly change: WishChange;
}

/** Agents named one by one in a line of the audit; beyond it the number stands for the rest. */
const namedInAudit = 20;

export class Agents {
  readonly #parts: AgentsParts;
  readonly #prepared: PreparedAgents;

  constructor(parts: AgentsParts) {
    this.#parts = parts;
    this.#prepared = prepareAgents(parts.database);
  }

  /** The agents that match when they can be found by one index look-up; undefined asks for `pages`. */
  async lookUp(selector: Selector): Promise<AgentRow[] | undefined> {
    const [name, ...more] = Object.keys(selector);
    if (more.length > 0) return undefined;
    if (name === 'hostName' && selector.hostName !== undefined) return this.#prepared.byHostName(selector.hostName);
    if (name === 'entityId' && selector.entityId !== undefined) return this.#prepared.byEntityId(selector.entityId);
    return undefined;
  }

  /** The agents that match, page by page, of one moment. `each` decides how fast. */
  pages(selector: Selector, each: (page: AgentRow[]) => Promise<void>): Promise<void> {
    return this.#parts.database.snapshot(async (at) => {
      let page: AgentRow[] = [];
      do {
        page = await pageOf(at, selector, page.at(-1)?.number ?? 0);
        await each(page);
      } while (isFull(page));
    });
  }

  /**
   * Performs an act and returns the agents it is for, as they were before (contract 3.2). Match, decision, wish,
   * command and audit are one transaction; agents hear of it after the commit.
   */
  async act(actor: Actor, body: AgentAct): Promise<AgentRow[]> {
    const asked = this.#parse(body);
    const now = this.#parts.now();
    const decisions = await this.#parts.database.write(async (tx) => {
      const matches = await matchForChange(tx, this.#parts.database, asked.selector);
      const decided = decide(asked, matches);
      await this.#perform(tx, { actor, asked, now }, decided);
      return decided;
    });
    this.#parts.tell(decisions.filter((one) => one.changes).map((one) => wishAfter(one.agent, asked.change, now)));
    return decisions.map((one) => one.agent);
  }

  /** Forgets an agent that will not come back; nothing is sent to it. */
  async remove(actor: Actor, entityId: string): Promise<boolean> {
    const [agent] = await this.#prepared.byEntityId(entityId.toLowerCase());
    if (agent === undefined) return false;
    await this.#parts.database.write(async (tx) => {
      const now = this.#parts.now();
      await abandonCommands(tx, { number: agent.number, because: 'the agent was removed', now });
      await markRemoved(tx, agent.number, now);
      const fact = { act: 'remove-agent', target: agentName(agent), outcome: 'done', detail: '' };
      await this.#parts.audit.record(tx, actor, fact);
    });
    return true;
  }

  async #perform(
    tx: Queries,
    occasion: { actor: Actor; asked: Asked; now: number },
    decisions: readonly Decision<AgentRow>[],
  ): Promise<void> {
    const { actor, asked, now } = occasion;
    const changing = decisions.filter((one) => one.changes).map((one) => one.agent.number);
    await changeWishes(tx, changing, asked.change, now);
    const ordered = decisions.map((one) => ({
      number: one.agent.number,
      epoch: one.agent.wanted_epoch + (one.changes ? 1 : 0),
      held: one.held && !one.changes,
    }));
    await recordCommands(tx, { act: asked.act, requestedBy: actor.name, now }, ordered);
    const detail = JSON.stringify({
      selector: asked.selector,
      change: asked.change,
      agents: decisions.length,
      changed: changing.length,
    });
    await this.#parts.audit.record(tx, actor, { act: asked.act, target: targets(decisions), outcome: 'done', detail });
  }

  #parse(body: AgentAct): Asked {
    const act = actFromName(body.act);
    if (act === undefined) {
      throw new Refusal(
        'action-invalid',
        `"${body.act}" is no act. Use cmd_isolate_agent, cmd_restore_isolated_agent, cmd_relocate_agent or cmd_uninstall_agent.`,
      );
    }
    const allowMultiple =
      body.allow_multiple_match === true || String(body.allow_multiple_match).toLowerCase() === 'true';
    return { act, allowMultiple, selector: selectorOfAct(body), change: this.#changeFor(act, body) };
  }

  #changeFor(act: Act, body: AgentAct): WishChange {
    switch (act) {
      case 'isolate':
        return { wanted_isolation: 'isolated' };
      case 'restore':
        return { wanted_isolation: 'normal' };
      case 'uninstall':
        return { wanted_installed: 0 };
      case 'relocate':
        return this.#relocation(body);
    }
  }

  #relocation(body: AgentAct): WishChange {
    const server = (body.relocate_to_server_id ?? '').trim().toUpperCase();
    const folder = (body.relocate_to_folder_path ?? '').trim().replaceAll(/^\\+|\\+$/g, '');
    if (server === '' && folder === '') {
      throw refusal('parameter-invalid', 'Relocating needs relocate_to_server_id, relocate_to_folder_path, or both.');
    }
    if (server !== '' && !this.#parts.serverExists(server)) {
      throw refusal(
        'server-unknown',
        `No managing server has the ID ${server}. GET ProductServers lists those that there are.`,
      );
    }
    return { ...(server === '' ? {} : { server_id: server }), ...(folder === '' ? {} : { folder }) };
  }
}

function refusal(reason: Reason, sentence: string): Refusal {
  return new Refusal(reason, sentence);
}

/** The wish that the transaction has just written; known without reading it again, because the row was locked. */
function wishAfter(agent: AgentRow, change: WishChange, now: number): Wish {
  return { ...agent, ...change, wanted_epoch: agent.wanted_epoch + 1, wanted_at: now };
}

function targets(decisions: readonly Decision<AgentRow>[]): string {
  const named = decisions.slice(0, namedInAudit).map((one) => agentName(one.agent));
  const rest = decisions.length - named.length;
  return rest > 0 ? `${named.join(', ')} and ${rest} more` : named.join(', ');
}

function agentName(agent: AgentRow): string {
  return `${agent.entity_id} (${agent.host_name})`;
}
