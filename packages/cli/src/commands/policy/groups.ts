/** The commands about groups and their enforcement settings. Cordon only. */
import type { Group, GroupBody } from '@cordon/protocol/console';
import { defined, yesOption } from '../../command/command.ts';
import type { Argument, Command, Invocation } from '../../command/command.ts';
import { confirm } from '../../command/confirmation.ts';
import { consoleClient } from '../../connection/connection.ts';
import { table } from '../../text/table.ts';
import type { Column } from '../../text/table.ts';
import { printable } from '../../text/text.ts';
import { entityIdOf } from '../selection/one.ts';

const name: Argument = ['<group>', 'Name of the group.'];
const modes = ['off', 'log', 'enforce'] as const;
const atDeadline = ['allow', 'deny'] as const;
const mode = 'off, log (only report) or enforce';

export const commands: readonly Command[] = [
  {
    name: 'groups list',
    summary: 'List groups and how they handle suspicious objects.',
    example: 'cordon groups list',
    run: list,
  },
  {
    name: 'groups set',
    summary: 'Add or change a group; agents apply it immediately. Omitted settings stay unchanged.',
    arguments: [name],
    options: [
      ['--on-access <mode>', `File open and execution: ${mode}.`, { values: modes }],
      ['--sweep <mode>', `Disk scans when the list changes: ${mode}.`, { values: modes }],
      ['--network <mode>', `Addresses and networks: ${mode}.`, { values: modes }],
      ['--exec-at-deadline <allow|deny>', 'What to do if a verdict times out.', { values: atDeadline }],
      ['--sweep-rate <n>', 'Scan speed limit in MB/s; 0 is unlimited.'],
    ],
    example: 'cordon groups set canary --on-access enforce --sweep enforce --network enforce',
    run: set,
  },
  {
    name: 'groups move',
    summary: 'Move an agent to a group.',
    arguments: [name, ['<who>', 'Host name or entity ID.']],
    example: 'cordon groups move canary client01',
    run: move,
  },
  {
    name: 'groups remove',
    summary: 'Remove an empty group.',
    arguments: [name],
    options: [yesOption],
    example: 'cordon groups remove canary',
    run: remove,
  },
];

const columns: readonly Column<Group>[] = [
  { title: 'GROUP', cell: (group) => group.name },
  { title: 'AGENTS', cell: (group) => String(group.agents) },
  { title: 'ON ACCESS', cell: (group) => group.settings.onAccess },
  { title: 'SWEEP', cell: (group) => group.settings.sweep },
  { title: 'NETWORK', cell: (group) => group.settings.network },
  { title: 'EXEC AT DEADLINE', cell: (group) => group.settings.execAtDeadline },
  { title: 'SWEEP RATE', cell: rateText },
];

async function list(call: Invocation): Promise<void> {
  const groups = await (await consoleClient(call)).groups.list();
  call.print(groups, table(columns, groups, call.world.out));
}

async function set(call: Invocation): Promise<void> {
  const group = call.word('group');
  const body = bodyFrom(call);
  const client = await consoleClient(call);
  await client.groups.put(group, body);
  const stored = (await client.groups.list()).filter((one) => one.name === group);
  call.print(stored[0], table(columns, stored, call.world.out));
}

async function move(call: Invocation): Promise<void> {
  const client = await consoleClient(call);
  const agent = await entityIdOf(client, call.word('who'));
  const group = call.word('group');
  await client.agents.moveToGroup(agent, group);
  call.print({ agent, group }, `${printable(call.word('who'))} is in the group ${printable(group)}.\n`);
}

async function remove(call: Invocation): Promise<void> {
  const group = call.word('group');
  const client = await consoleClient(call);
  await confirm(call, `Remove the group ${printable(group)}?`);
  await client.groups.remove(group);
  call.print({ removed: group }, `Removed the group ${printable(group)}.\n`);
}

function bodyFrom(call: Invocation): GroupBody {
  return defined({
    onAccess: call.choice('onAccess', modes),
    sweep: call.choice('sweep', modes),
    network: call.choice('network', modes),
    execAtDeadline: call.choice('execAtDeadline', atDeadline),
    sweepMegabytesPerSecond: call.number('sweepRate', 0),
  });
}

function rateText({ settings }: Group): string {
  const { sweepMegabytesPerSecond: rate } = settings;
  return rate === 0 ? 'no limit' : `${rate} MB/s`;
}
