/** Lists, isolates, restores, relocates and uninstalls agents. */
import { actNames, productAgentsPath } from '@cordon/protocol/words';
import type { Act } from '@cordon/protocol/words';
import { readAgent, wireQuery, wireSelector } from './agent.ts';
import type { Agent, AgentQuery, AgentSelector } from './agent.ts';
import { jsonBody } from '../transport/body.ts';
import { recordsIn } from '../reading.ts';
import type { SignedApi } from './signed-api.ts';
import { outcomeOf } from './outcomes.ts';
import type { FollowedAct } from './outcomes.ts';
import { waitForAgents } from './waiting.ts';
import type { WaitGoal, WaitOptions } from './waiting.ts';

export interface ActOptions {
  /** Allows one act to reach several agents; without it the server refuses when more than one matches. */
  readonly allowMultiple?: boolean;
  readonly signal?: AbortSignal;
}

export interface RelocateOptions extends ActOptions {
  /** The server to move to; for a move within one server, the agent's present one. */
  readonly toServerId?: string | undefined;
  readonly toFolder?: string | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export class Agents {
  readonly #api: SignedApi;
  readonly #now: () => number;

  constructor(api: SignedApi, now: () => number) {
    this.#api = api;
    this.#now = now;
  }

  /** Every agent, or those that match the whole query. */
  async list(query: AgentQuery = {}, options: CallOptions = {}): Promise<Agent[]> {
    const { signal } = options;
    const { content } = await this.#api({ method: 'GET', path: productAgentsPath, query: wireQuery(query), signal });
    return recordsIn(content).map(readAgent);
  }

  /**
   * Cuts agents off from the network. Returns the agents that it reaches as they were before; an empty list means that
   * nothing that matched can be isolated through the API. `waitFor` waits until it is done.
   */
  async isolate(selector: AgentSelector, options: ActOptions = {}): Promise<Agent[]> {
    return this.#act('isolate', selector, options);
  }

  /** Releases isolated agents; *restore* is the contract's word. Returns what `isolate` returns. */
  async restore(selector: AgentSelector, options: ActOptions = {}): Promise<Agent[]> {
    return this.#act('release', selector, options);
  }

  /** Moves agents to another server or folder. Returns what `isolate` returns. */
  async relocate(selector: AgentSelector, options: RelocateOptions): Promise<Agent[]> {
    return this.#act('relocate', selector, options);
  }

  /** Removes agents from their endpoints. Returns what `isolate` returns. */
  async uninstall(selector: AgentSelector, options: ActOptions = {}): Promise<Agent[]> {
    return this.#act('uninstall', selector, options);
  }

  /** Isolates, and follows every agent that was reached until its kernel proves it. */
  async isolateAndWait(selector: AgentSelector, options: ActOptions & WaitOptions = {}): Promise<FollowedAct> {
    return this.#followed(await this.isolate(selector, options), 'isolated', options);
  }

  /** Releases, and follows every agent that was reached until it is back. */
  async restoreAndWait(selector: AgentSelector, options: ActOptions & WaitOptions = {}): Promise<FollowedAct> {
    return this.#followed(await this.restore(selector, options), 'normal', options);
  }

  /**
   * Polls until every agent of `who` is at `goal`, and returns their last state. Rejects with kind `failed` when one
   * can no longer get there, `timeout` after `timeoutSeconds`, `aborted` on the signal.
   */
  async waitFor(
    who: string | readonly string[] | AgentSelector,
    goal: WaitGoal,
    options: WaitOptions = {},
  ): Promise<Agent[]> {
    const list = (query: AgentQuery): Promise<Agent[]> => this.list(query, options);
    return waitForAgents({ who, goal, list, now: this.#now }, options);
  }

  #followed(ordered: readonly Agent[], goal: WaitGoal, options: WaitOptions): Promise<FollowedAct> {
    return outcomeOf({ ordered, goal, options, wait: (...wait) => this.waitFor(...wait) });
  }

  async #act(act: Act, selector: AgentSelector, options: RelocateOptions): Promise<Agent[]> {
    const body = jsonBody({
      ...wireSelector(selector),
      act: actNames[act],
      allow_multiple_match: options.allowMultiple ?? false,
      ...(options.toServerId === undefined ? {} : { relocate_to_server_id: options.toServerId }),
      ...(options.toFolder === undefined ? {} : { relocate_to_folder_path: options.toFolder }),
    });
    const { content } = await this.#api({ method: 'POST', path: productAgentsPath, body, signal: options.signal });
    return recordsIn(content).map(readAgent);
  }
}
