/** Isolates, releases, relocates or uninstalls: shows the agents, confirms, acts and follows. */
import type { Act } from '@cordon/protocol/words';
import type { Agent, AgentSelector, Client } from '@cordon/sdk';
import { defined } from '../../command/command.ts';
import type { Invocation } from '../../command/command.ts';
import { exitCodes, usage } from '../../command/failure.ts';
import type { ExitCode } from '../../command/failure.ts';
import { timeoutFrom } from '../../command/timeout.ts';
import { apiClient, consoleClient, hasSession } from '../../connection/connection.ts';
import { counted, printable } from '../../text/text.ts';
import { agentTable } from '../selection/agent-table.ts';
import { entityIdOf } from '../selection/one.ts';
import { queryFrom, querySummary } from '../selection/selection.ts';
import { confirmUninstall, performThroughConsole } from './console-act.ts';
import { finish, words } from './finish.ts';
import { judgeMatches, noneAble } from './matches.ts';
import { termsFrom } from './terms.ts';

/** Isolates, releases or uninstalls, through the console where only that can do it. */
export async function performAct(call: Invocation, act: Exclude<Act, 'relocate'>): Promise<ExitCode> {
  const timeoutSeconds = timeoutFrom(call);
  const terms = act === 'isolate' ? termsFrom(call) : undefined;
  if (call.several.length > 1) {
    const what = 'Naming several agents';
    const selector = { entityIds: await entityIdsFrom(call, what) };
    return performThroughConsole(call, {
      request: { act, selector, allowMultiple: true, ...terms },
      timeoutSeconds,
      what,
    });
  }
  const wide = defined({ group: call.option('group'), folder: call.option('folder') });
  const isWide = querySummary(wide) !== '';
  const selector = isWide ? queryFrom(call) : selectorFrom(call, act);
  const isDryRun = call.flag('dryRun');
  if (terms !== undefined || isWide || (isDryRun && (await hasSession(call)))) {
    const request = {
      act,
      selector: { ...defined(selector), ...wide },
      allowMultiple: call.flag('multiple'),
      ...terms,
    };
    const forTerms = terms === undefined ? undefined : '--for, --profile, --message and --reason';
    const what = isWide ? '--group and --folder' : forTerms;
    return performThroughConsole(call, { request, timeoutSeconds, what });
  }
  return isDryRun ? previewByList(call, act, selector) : perform(call, act, { selector, timeoutSeconds });
}

export async function relocate(call: Invocation): Promise<ExitCode> {
  const [toServerId, toFolder] = [call.option('toServer'), call.option('toFolder')];
  if (toServerId === undefined && toFolder === undefined) {
    throw usage('No destination was given.', 'Give --to-server, --to-folder or both.');
  }
  const selector = selectorFrom(call, 'relocate');
  return perform(call, 'relocate', { selector, timeoutSeconds: timeoutFrom(call), toServerId, toFolder });
}

interface Asked {
  readonly selector: AgentSelector;
  readonly timeoutSeconds: number;
  readonly toServerId?: string | undefined;
  readonly toFolder?: string | undefined;
}

/** Through the Automation API. */
async function perform(call: Invocation, act: Act, { selector, timeoutSeconds, ...target }: Asked): Promise<ExitCode> {
  const client = await apiClient(call);
  const matches = await matchesOf(call, client, selector);
  call.say(`${words[act].doing} ${counted(matches.length, 'agent')}:\n${agentTable(matches, call.world.out)}`);
  if (act === 'uninstall') await confirmUninstall(call, matches.length);
  // The Automation API calls a release a restore.
  const send = act === 'release' ? 'restore' : act;
  const affected = await client.agents[send](selector, { allowMultiple: call.flag('multiple'), ...target });
  if (affected.length === 0) throw noneAble(act, matches);
  const reached = new Set(affected.map((agent) => agent.entityId.toLowerCase()));
  const leftOut = matches.filter((agent) => !reached.has(agent.entityId.toLowerCase()));
  call.say(skippedText(act, leftOut));
  return finish(call, act, {
    client,
    facts: { agents: affected, leftOut },
    ids: affected.map((agent) => agent.entityId),
    timeoutSeconds,
    isWhole: leftOut.length === 0,
  });
}

/** `--dry-run` without a console session: what the list says. */
async function previewByList(call: Invocation, act: Act, selector: AgentSelector): Promise<ExitCode> {
  const matches = await matchesOf(call, await apiClient(call), selector);
  const able = (agent: Agent): boolean => agent.capabilities.includes(act);
  const [affected, leftOut] = [matches.filter(able), matches.filter((agent) => !able(agent))];
  if (affected.length === 0) throw noneAble(act, leftOut);
  const would = `Would ${act} ${counted(affected.length, 'agent')}:\n${agentTable(affected, call.world.out)}`;
  const unknown = 'Whether approval is needed is not known without a console session.\n';
  call.print(
    { act, dryRun: true, agents: affected, leftOut, guard: null, approval: null },
    `${would}${skippedText(act, leftOut)}${unknown}Nothing was done.\n`,
  );
  return exitCodes.done;
}

async function matchesOf(call: Invocation, client: Client, selector: AgentSelector): Promise<Agent[]> {
  const matches = await client.agents.list(selector, { signal: call.world.signal });
  const request = { selector: defined(selector), allowMultiple: call.flag('multiple') };
  judgeMatches(call, request, { count: matches.length, table: agentTable(matches, call.world.out) });
  return matches;
}

function selectorFrom(call: Invocation, act: Act): AgentSelector {
  const selector = queryFrom(call);
  if (querySummary(selector) !== '') return selector;
  throw usage('No agent was named.', `Write "cordon agents ${act} <host name or entity ID>", or use an option.`);
}

/** Names combined with options would all have to match at once, which is impossible for several names. */
async function entityIdsFrom(call: Invocation, what: string): Promise<string[]> {
  const options = ['hostName', 'ip', 'mac', 'product', 'entityId', 'group', 'folder'].filter(
    (name) => call.option(name) !== undefined,
  );
  if (options.length > 0)
    throw usage('Several names and an option name the agents.', 'Give names or options, not both.');
  const person = await consoleClient(call, what);
  const ids: string[] = [];
  for (const name of call.several) ids.push(await entityIdOf(person, name));
  return ids;
}

function skippedText(act: Act, agents: readonly Agent[]): string {
  const names = agents.map((agent) => printable(agent.hostName)).join(', ');
  return names === '' ? '' : `Skipped, because they cannot be ${words[act].done}: ${names}.\n`;
}
