/** Follows agents to the end of an action: a live line on a terminal, a line per change elsewhere. */
import type { Agent, Client, WaitGoal } from '@cordon/sdk';
import type { Invocation } from '../../command/command.ts';
import { counted, printable } from '../../text/text.ts';
import { cutTo } from '../../text/width.ts';
import { isolationWord } from '../selection/agent-table.ts';

interface Following {
  readonly client: Client;
  readonly ids: readonly string[];
  readonly goal: WaitGoal;
  readonly timeoutSeconds: number;
}

export async function follow(call: Invocation, following: Following): Promise<Agent[]> {
  const { client, ids, goal, timeoutSeconds } = following;
  const view = call.world.out.isTerminal && !call.json ? liveLine(call, goal) : plainLines(call);
  try {
    return await client.agents.waitFor(ids, goal, {
      timeoutSeconds,
      signal: call.world.signal,
      onStatus: view.onStatus,
    });
  } finally {
    view.end();
  }
}

interface View {
  readonly onStatus: (agent: Agent) => void;
  readonly end: () => void;
}

function plainLines(call: Invocation): View {
  return {
    onStatus: (agent) => {
      call.say(`${printable(agent.hostName)}: ${printable(isolationWord(agent))}\n`);
    },
    end: () => {},
  };
}

const frameMs = 100;

/** One line that is rewritten: how many agents are in which state, and for how long. */
function liveLine(call: Invocation, goal: WaitGoal): View {
  const states = new Map<string, Agent>();
  const started = call.world.now();
  const draw = (): void => {
    const seconds = ((call.world.now() - started) / 1000).toFixed(1);
    const line = `${stateText([...states.values()])} … waiting for ${goal}, ${seconds} s`;
    call.world.out.write(`\r\u001b[K${cutTo(line, call.world.out.columns - 1)}`);
  };
  const timer = setInterval(draw, frameMs);
  return {
    onStatus: (agent) => {
      states.set(agent.entityId, agent);
      draw();
    },
    end: () => {
      clearInterval(timer);
      call.world.out.write('\r\u001b[K');
    },
  };
}

function stateText(agents: readonly Agent[]): string {
  const [only, ...others] = agents;
  if (only !== undefined && others.length === 0)
    return `${printable(only.hostName)}: ${printable(isolationWord(only))}`;
  const counts = new Map<string, number>();
  for (const agent of agents) counts.set(isolationWord(agent), (counts.get(isolationWord(agent)) ?? 0) + 1);
  const parts = [...counts].map(([word, count]) => `${count} ${printable(word)}`);
  return `${counted(agents.length, 'agent')}: ${parts.join(', ')}`;
}
