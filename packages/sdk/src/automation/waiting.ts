/** Follows agents to the end of an act by polling their list, with growing intervals. */
import type { Agent, AgentQuery, AgentSelector } from './agent.ts';
import { CordonError, NetworkError } from '../errors.ts';
import { pause } from '../transport/pause.ts';
import { mayPass } from '../transport/retrying.ts';

/** The goal of an agent; `removed` means that the list no longer has it. */
export type WaitGoal = 'isolated' | 'normal' | 'removed';

export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** 300 by default. */
  readonly timeoutSeconds?: number;
  /** Called when an agent is first seen and whenever its status changes. */
  readonly onStatus?: (agent: Agent) => void;
}

interface Wait {
  readonly who: string | readonly string[] | AgentSelector;
  readonly goal: WaitGoal;
  readonly list: (query: AgentQuery) => Promise<Agent[]>;
  readonly now: () => number;
}

const firstPauseMs = 50;
const longestPauseMs = 2000;
/** A server restart does not end the wait; a long outage does. */
const toleratedFailures = 5;

export async function waitForAgents(wait: Wait, options: WaitOptions): Promise<Agent[]> {
  const deadline = wait.now() + (options.timeoutSeconds ?? 300) * 1000;
  const seen = new Map<string, Agent>();
  const look = tolerant(() => lookOnce(wait));
  for (let milliseconds = firstPauseMs; ; milliseconds = Math.min(milliseconds * 1.6, longestPauseMs)) {
    const agents = await look();
    if (agents !== undefined) {
      notice(agents, seen, options);
      if (arrived(agents, seen, wait)) return wait.goal === 'removed' ? [...seen.values()] : agents;
    }
    const left = deadline - wait.now();
    if (left <= 0) throw late([...seen.values()], wait.goal, options.timeoutSeconds ?? 300);
    await pause(Math.min(milliseconds, left), options.signal);
  }
}

/** One request for any number of agents. */
async function lookOnce({ who, list }: Wait): Promise<Agent[]> {
  if (typeof who === 'string') return list({ entityId: who });
  if (!isIdList(who)) return list(who);
  const [only, ...others] = who;
  if (only !== undefined && others.length === 0) return list({ entityId: only });
  const desired = new Set(who.map((id) => id.toLowerCase()));
  return (await list({})).filter((agent) => desired.has(agent.entityId.toLowerCase()));
}

/** The poll, or undefined for a temporary failure of the network or a proxy. On the first poll every failure counts. */
function tolerant(look: () => Promise<Agent[]>): () => Promise<Agent[] | undefined> {
  let failures = toleratedFailures;
  return async () => {
    try {
      const agents = await look();
      failures = 0;
      return agents;
    } catch (error) {
      const passes = error instanceof NetworkError || mayPass(error);
      if (!passes || failures >= toleratedFailures) throw error;
      failures += 1;
      return undefined;
    }
  };
}

function notice(agents: readonly Agent[], seen: Map<string, Agent>, options: WaitOptions): void {
  for (const agent of agents) {
    const before = seen.get(agent.entityId);
    seen.set(agent.entityId, agent);
    if (before?.isolationStatus !== agent.isolationStatus) options.onStatus?.(agent);
  }
}

function arrived(agents: readonly Agent[], seen: ReadonlyMap<string, Agent>, { who, goal }: Wait): boolean {
  if (goal === 'removed') return agents.length === 0;
  const expected = isIdList(who) ? who.length : Math.max(seen.size, 1);
  if (agents.length < expected) {
    throw failed('One of the agents is not in the list.', 'It may have been removed; look at the list.');
  }
  const lost = agents.find((agent) => agent.isolation === 'unknown' || agent.isolation === 'unsupported');
  if (lost !== undefined) {
    throw failed(
      `${lost.hostName} (${lost.entityId}) cannot become ${goal}: its status is "${lost.isolationStatus}".`,
      'Look at the agent on its endpoint and on the server.',
    );
  }
  return agents.every((agent) => agent.isolation === goal);
}

function isIdList(who: Wait['who']): who is readonly string[] {
  return Array.isArray(who);
}

function late(agents: readonly Agent[], goal: WaitGoal, seconds: number): CordonError {
  const behind = agents.filter((agent) => agent.isolation !== goal);
  const [first] = behind;
  const others = behind.length > 1 ? ` and ${behind.length - 1} more` : '';
  const who = first === undefined ? 'Nothing' : `${first.hostName} (${first.isolationStatus})${others}`;
  const offline = behind.some((agent) => agent.connection?.toLowerCase() === 'offline');
  return new CordonError('timeout', `${who} is not ${goal} after ${seconds} s.`, {
    hint: offline
      ? 'The endpoint is offline. The request stays in force and takes effect when the endpoint is back online.'
      : 'The request stays in force. Look at the list again later, or wait longer.',
  });
}

function failed(message: string, hint: string): CordonError {
  return new CordonError('failed', message, { hint });
}
