/** The commands about agents. */
import type { Command, Invocation } from '../command.ts';
import { apiClient, consoleClient } from '../connection.ts';
import { CommandError, exitCodes, usage } from '../failure.ts';
import { performAct } from './agents/act.ts';
import { queryFrom, querySummary, selectorOptions } from './agents/selection.ts';
import { agentTable } from './agents/table.ts';
import { detailsText } from './agents/details.ts';

const who = ['[who]', 'Host name or entity ID; or use the options below, all of which must fit.'] as const;
const multiple = ['--multiple', 'Allow several agents to match.'] as const;
const yes = ['--yes', 'Do not ask.'] as const;
const waiting = [
  ['--wait', 'Follow the agents until it is done.'],
  ['--timeout <time>', 'How long to follow them: 90s, 5m (unless given: 5m).'],
] as const;

export const commands: readonly Command[] = [
  {
    name: 'agents list',
    summary: 'List agents and whether they are isolated.',
    arguments: [who],
    options: [...selectorOptions, ['--server <id>', 'Entity ID of the managing server.']],
    example: 'cordon agents list --ip 10.1.1.1',
    handler: list,
  },
  {
    name: 'agents show',
    summary: 'Show what the server knows of one agent (Cordon only).',
    arguments: [['<who>', 'Host name or entity ID.']],
    example: 'cordon agents show client01',
    handler: show,
  },
  {
    name: 'agents isolate',
    summary: 'Cut agents off from the network, all but their way to the server.',
    arguments: [who],
    options: [...selectorOptions, multiple, ...waiting],
    example: 'cordon agents isolate client01 --wait',
    handler: (call) => performAct(call, 'isolate'),
  },
  {
    name: 'agents restore',
    summary: 'Connect isolated agents to the network again.',
    arguments: [who],
    options: [...selectorOptions, multiple, ...waiting],
    example: 'cordon agents restore client01 --wait',
    handler: (call) => performAct(call, 'restore'),
  },
  {
    name: 'agents relocate',
    summary: 'Move agents to another server or folder.',
    arguments: [who],
    options: [
      ...selectorOptions,
      multiple,
      ['--to-server <id>', 'Entity ID of the server to move to; "cordon servers list" has it.'],
      ['--to-folder <path>', 'Folder to move to, such as \\Workgroup.'],
    ],
    example: String.raw`cordon agents relocate client01 --to-server 33111111-1111-AAAA-AAAA-111100000001 --to-folder '\Lab'`,
    handler: relocate,
  },
  {
    name: 'agents uninstall',
    summary: 'Remove agents from their endpoints; asks first.',
    arguments: [who],
    options: [...selectorOptions, multiple, yes, ...waiting],
    example: 'cordon agents uninstall client01 --wait',
    handler: (call) => performAct(call, 'uninstall'),
  },
];

async function list(call: Invocation): Promise<void> {
  const query = { ...queryFrom(call), managingServerId: call.option('server') };
  const client = await apiClient(call);
  const agents = await client.agents.list(query, { signal: call.world.signal });
  const none = `No agents${querySummary(query)}.\n`;
  call.tell(agents, agents.length === 0 ? none : agentTable(agents, call.world.out));
}

async function relocate(call: Invocation): Promise<Awaited<ReturnType<typeof performAct>>> {
  const [toServerId, toFolder] = [call.option('toServer'), call.option('toFolder')];
  if (toServerId === undefined && toFolder === undefined) {
    throw usage('Nowhere to move to was named.', 'Give --to-server, --to-folder or both.');
  }
  return performAct(call, 'relocate', { toServerId, toFolder });
}

/** By host name through the Automation API where it is set up; an entity ID needs only the session. */
async function show(call: Invocation): Promise<void> {
  const query = queryFrom(call);
  const entityId = query.entityId ?? (await onlyMatch(call, query));
  const details = await (await consoleClient(call)).agent(entityId);
  call.tell(details, detailsText(details));
}

async function onlyMatch(call: Invocation, query: ReturnType<typeof queryFrom>): Promise<string> {
  const matches = await (await apiClient(call)).agents.list(query);
  const [match, ...others] = matches;
  if (match === undefined) {
    throw new CommandError(exitCodes.nothingMatched, `No agent${querySummary(query)}.`, 'Run "cordon agents list".');
  }
  if (others.length === 0) return match.entityId;
  const ids = matches.map((agent) => agent.entityId).join(', ');
  throw usage(`${matches.length} agents have that name.`, `Name one by its entity ID: ${ids}.`);
}
