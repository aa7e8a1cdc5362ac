/** Isolates, restores, relocates or uninstalls: says whom it touches, asks where it must, acts, and follows. */
import type { Act } from '@cordon/protocol/words';
import type { Agent, AgentSelector, Client } from '@cordon/sdk';
import type { Invocation } from '../../command.ts';
import { confirm } from '../../confirmation.ts';
import { apiClient } from '../../connection.ts';
import { CommandError, exitCodes, usage } from '../../failure.ts';
import type { ExitCode } from '../../failure.ts';
import { counted, printable, secondsOf } from '../../text.ts';
import { follow } from './following.ts';
import { queryFrom, querySummary } from './selection.ts';
import { agentTable } from './table.ts';

const words = {
  isolate: { doing: 'Isolating', done: 'isolated', goal: 'isolated' },
  restore: { doing: 'Restoring', done: 'restored', goal: 'normal' },
  relocate: { doing: 'Relocating', done: 'relocated', goal: undefined },
  uninstall: { doing: 'Uninstalling', done: 'uninstalled', goal: 'removed' },
} as const satisfies Record<Act, { doing: string; done: string; goal: 'isolated' | 'normal' | 'removed' | undefined }>;

export interface Target {
  readonly toServerId?: string | undefined;
  readonly toFolder?: string | undefined;
}

export async function performAct(call: Invocation, act: Act, target: Target = {}): Promise<ExitCode> {
  const selector = queryFrom(call);
  const timeoutSeconds = timeoutOf(call);
  if (querySummary(selector) === '') {
    throw usage('No agent was named.', `Write "cordon agents ${act} <host name or entity ID>", or use an option.`);
  }
  const client = await apiClient(call);
  const matches = await client.agents.list(selector, { signal: call.world.signal });
  judgeMatches(matches, selector, call);
  call.say(`${words[act].doing} ${counted(matches.length, 'agent')}:\n${agentTable(matches, call.world.out)}`);
  if (act === 'uninstall') {
    const each = matches.length === 1 ? 'this agent' : `these ${matches.length} agents`;
    await confirm(call, `Remove ${each} from the endpoint for good?`);
  }
  const affected = await send(client, act, { selector, allowMultiple: call.flag('multiple'), ...target });
  if (affected.length === 0) throw nobody(act, matches);
  sayLeftOut(call, act, { matches, affected });
  return finish(call, act, { client, affected, timeoutSeconds });
}

function judgeMatches(matches: readonly Agent[], selector: AgentSelector, call: Invocation): void {
  if (matches.length === 0) {
    throw new CommandError(
      exitCodes.nothingMatched,
      `No agent${querySummary(selector)}.`,
      'Run "cordon agents list" to see them all.',
    );
  }
  if (matches.length === 1 || call.flag('multiple')) return;
  call.say(agentTable(matches, call.world.out));
  throw usage(
    `${matches.length} agents match, and nothing was done.`,
    'Name one by --entity-id, or allow several with --multiple.',
  );
}

async function send(
  client: Client,
  act: Act,
  { selector, ...options }: { selector: AgentSelector; allowMultiple: boolean } & Target,
): Promise<Agent[]> {
  return client.agents[act](selector, options);
}

function nobody(act: Act, matches: readonly Agent[]): CommandError {
  const names = matches.map((agent) => agent.hostName).join(', ');
  return new CommandError(
    exitCodes.nothingMatched,
    `Nothing that matched can be ${words[act].done}: ${names}.`,
    'The capabilities in "cordon agents list --json" say what each agent can do.',
  );
}

function sayLeftOut(
  call: Invocation,
  act: Act,
  agents: { matches: readonly Agent[]; affected: readonly Agent[] },
): void {
  const reached = new Set(agents.affected.map((agent) => agent.entityId.toLowerCase()));
  const rest = agents.matches.filter((agent) => !reached.has(agent.entityId.toLowerCase()));
  if (rest.length === 0) return;
  const names = rest.map((agent) => printable(agent.hostName)).join(', ');
  call.say(`Left out, because they cannot be ${words[act].done}: ${names}.\n`);
}

async function finish(
  call: Invocation,
  act: Act,
  { client, affected, timeoutSeconds }: { client: Client; affected: readonly Agent[]; timeoutSeconds: number },
): Promise<ExitCode> {
  const { goal, done } = words[act];
  if (goal === undefined || !call.flag('wait')) {
    const next = goal === undefined ? '' : ' "cordon agents list" shows when it is done; --wait follows it.';
    call.tell({ act, agents: affected, reached: null }, `Ordered for ${counted(affected.length, 'agent')}.${next}\n`);
    return exitCodes.done;
  }
  const started = call.world.now();
  const reached = await follow(call, { client, affected, goal, timeoutSeconds });
  const seconds = ((call.world.now() - started) / 1000).toFixed(2);
  call.tell({ act, agents: affected, reached }, `${counted(affected.length, 'agent')} ${done} after ${seconds} s.\n`);
  return exitCodes.done;
}

function timeoutOf(call: Invocation): number {
  const text = call.option('timeout');
  if (text === undefined) return 300;
  const seconds = secondsOf(text);
  if (seconds !== undefined && seconds > 0) return seconds;
  throw usage(`"${text}" is not a time.`, 'Write it like 90s, 5m or 1h.');
}
