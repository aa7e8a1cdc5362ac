/** The commands about detections: what endpoints detected, and the action taken. Cordon only. */
import type { DetectionRecord } from '@cordon/protocol/console';
import { detectionActions } from '@cordon/protocol/words';
import type { DetectionFilter } from '@cordon/sdk';
import { defined, reasonOption, yesOption } from '../../command/command.ts';
import type { Command, Invocation } from '../../command/command.ts';
import { consoleClient } from '../../connection/connection.ts';
import { confirm } from '../../command/confirmation.ts';
import { CommandError, exitCodes } from '../../command/failure.ts';
import type { ExitCode } from '../../command/failure.ts';
import { table } from '../../text/table.ts';
import type { Column } from '../../text/table.ts';
import { moment, printable } from '../../text/text.ts';
import { printOrWatch, watchOption } from '../../command/watching.ts';
import { agentFrom } from '../selection/one.ts';
import { finishTask, startAndFollow, waitOptions } from '../tasks/follow.ts';

export const commands: readonly Command[] = [
  {
    name: 'detections list',
    summary: 'List detections of suspicious objects and what endpoints did.',
    arguments: [['[who]', 'Only of this agent: host name or entity ID.']],
    options: [
      ['--object <content>', 'Only of this object.'],
      ['--action <action>', `Only these: ${detectionActions.join(', ')}.`, { values: detectionActions }],
      ['--group <name>', 'Only of the agents of this group.'],
      ['--since <time>', 'Only of the last 30m, 4h, 2d, or since a date.'],
      ['--search <text>', 'Only those with this text in path, process, user or host name.'],
      ['--before <id>', 'Only those before the one with this ID.'],
      ['--limit <n>', 'How many.'],
      watchOption,
    ],
    example: 'cordon detections list --action blocked --since 24h',
    run: list,
  },
  {
    name: 'detections end-processes',
    summary: 'End the processes that ran from or had open the file of a detection.',
    arguments: [['<id>', 'From "cordon detections list".']],
    options: [reasonOption, yesOption, ...waitOptions],
    example: 'cordon detections end-processes 4711 --reason "case 1234"',
    run: endProcesses,
  },
];

const colors: Partial<Record<DetectionRecord['action'], string>> = {
  blocked: '31',
  quarantined: '31',
  'held-back': '33',
  failed: '35',
  late: '35',
};

const columns: readonly Column<DetectionRecord>[] = [
  { title: 'ID', cell: (one) => String(one.id) },
  { title: 'AT', cell: (one) => moment(one.at) },
  { title: 'HOST NAME', cell: (one) => one.hostName, cut: true },
  { title: 'ACTION', cell: doneText, color: (one) => colors[one.action] },
  { title: 'DETECTED BY', cell: (one) => one.detectedBy },
  { title: 'WHAT', cell: whatText, cut: true },
  { title: 'PROCESS', cell: processText, cut: true },
  { title: 'OBJECT', cell: (one) => `${one.object.type} ${one.object.content}`, cut: true },
  { title: 'REMARK', cell: (one) => one.remark ?? '', cut: true },
];

async function list(call: Invocation): Promise<void> {
  const client = await consoleClient(call);
  const agent = await agentFrom(call, client);
  const filter = filterFrom(call, agent);
  await printOrWatch(call, async () => {
    const { detections, next } = await client.detections.list(filter);
    const more = next === null ? '' : `\nMore: cordon detections list --before ${next}\n`;
    const none = 'No detections.\n';
    return {
      value: { detections, next },
      text: detections.length === 0 ? none : table(columns, detections, call.world.out) + more,
    };
  });
}

/** A separate command: no other action on a file ends its processes. */
async function endProcesses(call: Invocation): Promise<ExitCode> {
  const id = Number(call.word('id'));
  const client = await consoleClient(call);
  const { detections } = Number.isSafeInteger(id)
    ? await client.detections.list({ before: id + 1, limit: 1 })
    : { detections: [] };
  const found = detections.find((one) => one.id === id);
  if (found === undefined) {
    const hint = 'Run "cordon detections list".';
    throw new CommandError(exitCodes.nothingMatched, `There is no detection ${call.word('id')}.`, hint);
  }
  const processes = found.file?.usedBy ?? [];
  if (processes.length === 0) {
    const hint = 'Scan the endpoint to check again: "cordon agents sweep".';
    throw new CommandError(exitCodes.nothingMatched, 'No process was seen using that file.', hint);
  }
  call.say(table(processColumns, processes, call.world.out));
  await confirm(
    call,
    `End ${processes.length === 1 ? 'this process' : `these ${processes.length} processes`} on ${printable(found.hostName)}?`,
  );
  const reason = call.option('reason');
  const work = {
    kind: 'end-processes' as const,
    processes: processes.map(({ pid, startedAt }) => ({ pid, startedAt })),
  };
  const selector = { entityId: found.agent };
  const details = await startAndFollow(call, client, { work, selector, ...defined({ reason }) });
  return finishTask(call, details);
}

type ProcessInfo = NonNullable<DetectionRecord['file']>['usedBy'][number];

const processColumns: readonly Column<ProcessInfo>[] = [
  { title: 'PID', cell: (one) => String(one.pid) },
  { title: 'NAME', cell: (one) => one.name },
  { title: 'EXECUTABLE', cell: (one) => one.executable, cut: true },
  { title: 'COMMAND LINE', cell: (one) => one.commandLine, cut: true },
];

function filterFrom(call: Invocation, agent: string | undefined): DetectionFilter {
  return {
    agent,
    content: call.option('object'),
    action: call.choice('action', detectionActions),
    group: call.option('group'),
    since: call.since(),
    search: call.option('search'),
    before: call.number('before'),
    limit: call.number('limit'),
  };
}

function doneText(one: DetectionRecord): string {
  return one.count > 1 ? `${one.action} ×${one.count}` : one.action;
}

function whatText({ file, remote }: DetectionRecord): string {
  if (file !== null) return file.path.text;
  if (remote === null) return '';
  const where = remote.port === null ? remote.address : `${remote.address} port ${remote.port}`;
  return `${remote.direction} ${remote.protocol} ${remote.name === null ? where : `${remote.name} at ${where}`}`;
}

function processText({ process, user }: DetectionRecord): string {
  if (process === null) return user?.name ?? '';
  return `${process.name} (${process.pid})${user === null ? '' : ` of ${user.name}`}`;
}
