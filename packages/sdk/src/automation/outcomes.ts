/** The outcome of an act that was followed to its end, as one union. */
import type { Agent } from './agent.ts';
import { CordonError } from '../errors.ts';
import type { CordonFailure } from '../errors.ts';
import type { WaitGoal, WaitOptions } from './waiting.ts';

export type FollowedAct =
  /** Every agent of the act reached the goal. */
  | { readonly outcome: 'reached'; readonly agents: readonly Agent[] }
  /** Nothing that matched can do it; nothing changed. */
  | { readonly outcome: 'nobody' }
  /** The act stays in force and completes when the endpoints can: `behind` are those that have not arrived. */
  | {
      readonly outcome: 'late';
      readonly agents: readonly Agent[];
      readonly behind: readonly Agent[];
      readonly message: string;
      readonly hint: string;
    }
  /** An agent is in a state from which it cannot reach the goal. */
  | { readonly outcome: 'lost'; readonly agents: readonly Agent[]; readonly message: string; readonly hint: string };

interface Followed {
  readonly ordered: readonly Agent[];
  readonly goal: WaitGoal;
  readonly options: WaitOptions;
  readonly wait: (ids: readonly string[], goal: WaitGoal, options: WaitOptions) => Promise<Agent[]>;
}

/** Follows the agents that were reached; a refusal, a network failure and the signal still reject. */
export async function outcomeOf({ ordered, goal, options, wait }: Followed): Promise<FollowedAct> {
  if (ordered.length === 0) return { outcome: 'nobody' };
  const seen = new Map(ordered.map((agent) => [agent.entityId.toLowerCase(), agent]));
  const onStatus = (agent: Agent): void => {
    seen.set(agent.entityId.toLowerCase(), agent);
    options.onStatus?.(agent);
  };
  try {
    const ids = ordered.map((agent) => agent.entityId);
    return { outcome: 'reached', agents: await wait(ids, goal, { ...options, onStatus }) };
  } catch (error) {
    if (!(error instanceof CordonError)) throw error;
    const agents = [...seen.values()];
    const { message, hint } = error;
    if (error.kind === 'failed') return { outcome: 'lost', agents, message, hint };
    if (error.kind !== 'timeout') throw error;
    return { outcome: 'late', agents, behind: agents.filter((one) => one.isolation !== goal), message, hint };
  }
}

/** The value of a call or its failure, without catching. `error.kind` distinguishes failures. */
export type Settled<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: CordonFailure };

/** Rejects only for a bug: `const list = await settle(client.agents.list())`. */
export async function settle<T>(call: Promise<T>): Promise<Settled<T>> {
  try {
    return { ok: true, value: await call };
  } catch (error) {
    if (!(error instanceof CordonError)) throw error;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the union lists every class and kind there is
    return { ok: false, error: error as CordonFailure };
  }
}
