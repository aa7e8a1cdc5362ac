/** The commands about agents. */
import { yesOption } from '../../command/command.ts';
import type { Argument, Command, Invocation, Option } from '../../command/command.ts';
import { apiClient, consoleClient } from '../../connection/connection.ts';
import { timeoutOption } from '../../command/timeout.ts';
import { performAct, relocate } from '../acts/act.ts';
import { breakGlass, forget, protect } from './keeping.ts';
import { entityIdOf } from '../selection/one.ts';
import { consoleSelectorOptions, queryFrom, querySummary, selectorOptions } from '../selection/selection.ts';
import { agentTable } from '../selection/agent-table.ts';
import { termOptions } from '../acts/terms.ts';
import { waitOptions } from '../tasks/follow.ts';
import { printOrWatch, watchOption } from '../../command/watching.ts';

const who: Argument = ['[who]', 'Host name or entity ID, or use the options below; all of them must match.'];
const several: Argument = ['[who...]', 'Host names or entity IDs, or use the options below; all of them must match.'];
const multiple: Option = ['--multiple', 'Allow several agents to match.'];
const one: Argument = ['<who>', 'Host name or entity ID.'];
const dryRun: Option = ['--dry-run', 'Show the affected agents and whether approval is needed; do nothing.'];
const waiting: readonly Option[] = [['--wait', 'Wait until the agents have done it.'], timeoutOption];

export const commands: readonly Command[] = [
  {
    name: 'agents list',
    summary: 'List agents and whether they are isolated.',
    arguments: [who],
    options: [...selectorOptions, ['--server <id>', 'Entity ID of the managing server.'], watchOption],
    example: 'cordon agents list --ip 10.1.1.1',
    run: list,
  },
  {
    name: 'agents show',
    summary: 'Show one agent and the receipt of its isolation (Cordon only).',
    arguments: [one],
    example: 'cordon agents show client01',
    run: show,
  },
  {
    name: 'agents isolate',
    summary: 'Cut agents off from the network, except their connection to the server.',
    arguments: [several],
    options: [...selectorOptions, ...consoleSelectorOptions, multiple, dryRun, ...termOptions, ...waiting],
    example: 'cordon agents isolate client01 --wait',
    run: (call) => performAct(call, 'isolate'),
  },
  {
    name: 'agents release',
    // The Automation API's name for it.
    aliases: ['restore'],
    summary: 'Reconnect isolated agents to the network.',
    arguments: [several],
    options: [...selectorOptions, ...consoleSelectorOptions, multiple, dryRun, ...waiting],
    example: 'cordon agents release client01 --wait',
    run: (call) => performAct(call, 'release'),
  },
  {
    name: 'agents sweep',
    summary: 'Scan endpoints for listed files now (Cordon only).',
    arguments: [who],
    options: [
      ...selectorOptions,
      ['--group <name>', 'The agents of this group.'],
      ['--all', 'Every agent.'],
      ['--root <path>', 'Only below this path.', { repeatable: true }],
      ['--act', 'Quarantine files where the object says so; without it, report only.'],
      ...waitOptions,
    ],
    example: 'cordon agents sweep client01 --root /home --act',
    run: async (call) => (await import('./sweep.ts')).sweep(call),
  },
  {
    name: 'agents relocate',
    summary: 'Move agents to another server or folder.',
    arguments: [who],
    options: [
      ...selectorOptions,
      multiple,
      ['--to-server <id>', 'Entity ID of the server to move to; see "cordon servers list".'],
      ['--to-folder <path>', 'Folder to move to, such as \\Workgroup.'],
    ],
    example: String.raw`cordon agents relocate client01 --to-server 33111111-1111-AAAA-AAAA-111100000001 --to-folder '\Lab'`,
    run: relocate,
  },
  {
    name: 'agents uninstall',
    summary: 'Remove agents from their endpoints; asks first.',
    arguments: [several],
    options: [...selectorOptions, ...consoleSelectorOptions, multiple, dryRun, yesOption, ...waiting],
    example: 'cordon agents uninstall client01 --wait',
    run: (call) => performAct(call, 'uninstall'),
  },
  {
    name: 'agents protect',
    summary: 'Require approval to isolate this endpoint (Cordon only).',
    arguments: [one],
    example: 'cordon agents protect dc01',
    run: (call) => protect(call, { protected: true }),
  },
  {
    name: 'agents unprotect',
    summary: 'Remove the approval requirement (Cordon only).',
    arguments: [one],
    example: 'cordon agents unprotect dc01',
    run: (call) => protect(call, { protected: false }),
  },
  {
    name: 'agents break-glass',
    summary: 'Show the code that releases an isolation on the endpoint (Cordon only).',
    arguments: [one],
    example: 'cordon agents break-glass client01',
    run: breakGlass,
  },
  {
    name: 'agents forget',
    summary: 'Remove a retired agent from every list; asks first (Cordon only).',
    arguments: [one],
    options: [yesOption],
    example: 'cordon agents forget client01',
    run: forget,
  },
];

async function list(call: Invocation): Promise<void> {
  const query = { ...queryFrom(call), managingServerId: call.option('server') };
  const client = await apiClient(call);
  await printOrWatch(call, async () => {
    const value = await client.agents.list(query, { signal: call.world.signal });
    const none = `No agents${querySummary(query)}.\n`;
    return { value, text: value.length === 0 ? none : agentTable(value, call.world.out) };
  });
}

async function show(call: Invocation): Promise<void> {
  const client = await consoleClient(call);
  const details = await client.agents.get(await entityIdOf(client, call.word('who')));
  // Verifying the receipt needs the schemas of the agent channel; no other command should load them.
  const { detailsText, receiptOf } = await import('./details.ts');
  call.print({ ...details, receipt: receiptOf(details) }, detailsText(details, call.world.now()));
}
