/** Use cases of agents: list, protect, forget. Acts are in `acts.ts`. */
import type { Actor, Audit } from '../audit/audit.ts';
import { abandonCommands } from '../commands/commands.ts';
import type { Database } from '../database/database.ts';
import type { PreparedAgents } from './queries.ts';
import { isFull, pageOf, prepareAgents, setProtected } from './queries.ts';
import { markRemoved } from './table.ts';
import { about } from './rows.ts';
import type { AgentRow, ListedAgent } from './rows.ts';
import type { Selector } from './selector.ts';

export interface AgentsDeps {
  readonly database: Database;
  readonly audit: Audit;
  readonly now: () => number;
}

export class Agents {
  readonly #deps: AgentsDeps;
  readonly #prepared: PreparedAgents;

  constructor(deps: AgentsDeps) {
    this.#deps = deps;
    this.#prepared = prepareAgents(deps.database);
  }

  /** The matching agents when one index look-up finds them; undefined means: use `pages`. */
  async lookUp(selector: Selector): Promise<ListedAgent[] | undefined> {
    const [name, ...more] = Object.keys(selector);
    if (more.length > 0) return undefined;
    const { hostName, entityId } = selector;
    if (name === 'hostName' && hostName !== undefined) return this.#prepared.listedByHostName(hostName);
    if (name === 'entityId' && entityId !== undefined) return this.#prepared.listedByEntityId(entityId);
    return undefined;
  }

  /** Everything of one agent. */
  async details(entityId: string): Promise<AgentRow | undefined> {
    return (await this.#prepared.byEntityId(entityId.toLowerCase()))[0];
  }

  /** The matching agents page by page, from one snapshot. `each` sets the pace. */
  pages(selector: Selector, each: (page: ListedAgent[]) => Promise<void>): Promise<void> {
    return this.#deps.database.snapshot(async (at) => {
      let page: ListedAgent[] = [];
      do {
        page = await pageOf(at, selector, page.at(-1)?.number ?? 0);
        await each(page);
      } while (isFull(page));
    });
  }

  /** Forgets an agent that will not return; nothing is sent to it. */
  async remove(actor: Actor, entityId: string): Promise<boolean> {
    const agent = await this.details(entityId);
    if (agent === undefined) return false;
    await this.#deps.database.write(async (tx) => {
      const now = this.#deps.now();
      await abandonCommands(tx, { number: agent.number, because: 'the agent was removed', now });
      await markRemoved(tx, agent.number, now);
      const fact = { act: 'remove-agent', ...about(agent), outcome: 'done', detail: '' };
      await this.#deps.audit.record(tx, actor, fact);
    });
    return true;
  }

  /** Protects an agent or ends its protection: a protected agent is never isolated without a second person. */
  async protect(actor: Actor, entityId: string, isProtected: boolean): Promise<boolean> {
    const agent = await this.details(entityId);
    if (agent === undefined) return false;
    await this.#deps.database.write(async (tx) => {
      await setProtected(tx, agent.number, isProtected ? 1 : 0);
      const act = isProtected ? 'protect-agent' : 'unprotect-agent';
      await this.#deps.audit.record(tx, actor, { act, ...about(agent), outcome: 'done', detail: '' });
    });
    return true;
  }
}
