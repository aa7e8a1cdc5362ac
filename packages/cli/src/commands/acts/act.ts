/** Isolates, releases, relocates or uninstalls: shows the agents, confirms, acts and follows. */
import type { Act } from '@cordon/protocol/words';
import type { Agent, AgentSelector, Client } from '@cordon/sdk';
import type { Invocation } from '../../command/command.ts';
import { confirm } from '../../command/confirmation.ts';
import { apiClient } from '../../connection/connection.ts';
import { usage } from '../../command/failure.ts';
import type { ExitCode } from '../../command/failure.ts';
import { counted, printable } from '../../text/text.ts';
import { finish, timeoutOf, words } from './finish.ts';
import { judgeMatches, nobody } from './matches.ts';
import { preview } from './preview.ts';
import { queryFrom, querySummary } from '../selection/selection.ts';
import { performOnSeveral } from './several.ts';
import { agentTable } from '../selection/agent-table.ts';
import { termsFrom } from './terms.ts';
import { isolateThroughConsole } from './through-console.ts';

export interface Target {
  readonly toServerId?: string | undefined;
  readonly toFolder?: string | undefined;
}

export async function performAct(call: Invocation, act: Act, target: Target = {}): Promise<ExitCode> {
  const timeoutSeconds = timeoutOf(call);
  if (act !== 'relocate' && call.several.length > 1) {
    refuseOptions(call);
    const terms = act === 'isolate' ? termsFrom(call) : undefined;
    return performOnSeveral(call, { act, names: call.several, terms, timeoutSeconds });
  }
  const selector = queryFrom(call);
  if (querySummary(selector) === '') {
    throw usage('No agent was named.', `Write "cordon agents ${act} <host name or entity ID>", or use an option.`);
  }
  const terms = act === 'isolate' ? termsFrom(call) : undefined;
  if (act !== 'relocate' && call.flag('dryRun')) return preview(call, { act, selector, terms });
  if (terms !== undefined) return isolateThroughConsole(call, { selector, terms, timeoutSeconds });
  const client = await apiClient(call);
  const matches = await client.agents.list(selector, { signal: call.world.signal });
  judgeMatches(call, { selector, count: matches.length, table: agentTable(matches, call.world.out) });
  call.say(`${words[act].doing} ${counted(matches.length, 'agent')}:\n${agentTable(matches, call.world.out)}`);
  if (act === 'uninstall') {
    const each = matches.length === 1 ? 'this agent' : `these ${matches.length} agents`;
    await confirm(call, `Uninstall ${each} from the endpoint?`);
  }
  const affected = await send(client, act, { selector, allowMultiple: call.flag('multiple'), ...target });
  if (affected.length === 0)
    throw nobody(
      act,
      matches.map((agent) => agent.hostName),
    );
  sayLeftOut(call, act, { matches, affected });
  const ids = affected.map((agent) => agent.entityId);
  return finish(call, act, { client, told: { agents: affected }, ids, timeoutSeconds });
}

/** Names combined with options would all have to match at once, which is impossible for several names. */
function refuseOptions(call: Invocation): void {
  const options = ['hostName', 'ip', 'mac', 'product', 'entityId'].filter((name) => call.option(name) !== undefined);
  if (options.length > 0)
    throw usage('Several names and an option name the agents.', 'Give names or options, not both.');
}

async function send(
  client: Client,
  act: Act,
  { selector, ...options }: { selector: AgentSelector; allowMultiple: boolean } & Target,
): Promise<Agent[]> {
  // The Automation API calls a release a restore.
  return client.agents[act === 'release' ? 'restore' : act](selector, options);
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
  call.say(`Skipped, because they cannot be ${words[act].done}: ${names}.\n`);
}
