/** Agents, with what the Automation API does not include. */
import { consolePaths, agentDetailsShape, agentPageShape, breakGlassCodeShape } from '@cordon/protocol/console';
import type { AgentDetails, AgentPage, BreakGlassCode, ListedEndpoint } from '@cordon/protocol/console';
import { queryOf, read, within } from './console-api.ts';
import type { ConsoleApi } from './console-api.ts';

export interface AgentFilter {
  readonly search?: string | undefined;
  readonly isolation?: ListedEndpoint['isolation'] | undefined;
  readonly online?: boolean | undefined;
  readonly offset?: number | undefined;
  readonly limit?: number | undefined;
}

export class ConsoleAgents {
  readonly #api: ConsoleApi;

  constructor(api: ConsoleApi) {
    this.#api = api;
  }

  /** In the order of the host names. */
  async list(filter: AgentFilter = {}): Promise<AgentPage> {
    return read(this.#api, agentPageShape, { method: 'GET', path: consolePaths.agents, query: queryOf(filter) });
  }

  async get(entityId: string): Promise<AgentDetails> {
    return read(this.#api, agentDetailsShape, { method: 'GET', path: within(consolePaths.agents, entityId) });
  }

  /** A protected agent is isolated only when a second person approves. */
  async protect(entityId: string, isProtected: boolean): Promise<void> {
    await this.#api.send({
      method: 'PATCH',
      path: within(consolePaths.agents, entityId),
      body: { protected: isProtected },
    });
  }

  /** Moves an agent to a group; the group's settings reach it at once. */
  async moveToGroup(entityId: string, group: string): Promise<void> {
    await this.#api.send({ method: 'PATCH', path: within(consolePaths.agents, entityId), body: { group } });
  }

  /** Forgets an agent that will not come back; nothing is sent to its endpoint. */
  async remove(entityId: string): Promise<void> {
    await this.#api.send({ method: 'DELETE', path: within(consolePaths.agents, entityId) });
  }

  /** The code that ends the present isolation, typed at the endpoint. The audit records who saw it. */
  async breakGlassCode(entityId: string): Promise<BreakGlassCode> {
    return read(this.#api, breakGlassCodeShape, {
      method: 'POST',
      path: `${within(consolePaths.agents, entityId)}/break-glass`,
    });
  }
}
