/** Where one object is present and enforced, and how to undo it everywhere. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { ObjectCheck, ObjectDetails, ObjectStatus, Prevalence, PutObject } from '@cordon/protocol/console';
import { defined } from '../../command/command.ts';
import type { Invocation } from '../../command/command.ts';
import { askedTwice, confirm } from '../../command/confirmation.ts';
import { consoleClient } from '../../connection/connection.ts';
import { CommandError, exitCodes, usage } from '../../command/failure.ts';
import type { ExitCode } from '../../command/failure.ts';
import { unusable } from '../../command/file-failures.ts';
import { table } from '../../text/table.ts';
import type { Column } from '../../text/table.ts';
import { counted, printable } from '../../text/text.ts';
import { actionFrom, dateFrom, typeFrom } from './words.ts';
import { finishTask, startAndFollow } from '../tasks/follow.ts';

/** Searches every agent for this content, listed or not; exit code 3 if all have answered and none has it. */
export async function find(call: Invocation): Promise<ExitCode> {
  const file = await fileFrom(call);
  const client = await consoleClient(call);
  const group = call.option('group');
  const work = { kind: 'find' as const, files: [file] };
  const details = await startAndFollow(call, client, { work, ...defined({ group }) });
  const ended = finishTask(call, details);
  if (details.task.found > 0) return exitCodes.done;
  return ended === exitCodes.done && !call.flag('background') ? exitCodes.nothingMatched : ended;
}

/** A SHA-1 as given, or that of a local file, whose size saves the endpoints most of the reading. */
async function fileFrom(call: Invocation): Promise<{ sha1: string; size: number | null }> {
  const word = call.word('what');
  if (/^[0-9a-f]{40}$/i.test(word)) return { sha1: word.toUpperCase(), size: null };
  const path = resolve(call.world.cwd, word);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) {
    throw usage(
      `"${word}" is neither a SHA-1 nor a file.`,
      'Give 40 hexadecimal digits, or the path of a local copy of the file.',
    );
  }
  const { sha1, size } = await hashed(path, call.world.signal);
  return { sha1, size };
}

/** Lists a file by its hashes, past the listing safety check; its content is not sent. */
export async function putFile(call: Invocation): Promise<void> {
  const action = actionFrom(call);
  const client = await consoleClient(call, '--confirm');
  const path = resolve(call.world.cwd, call.word('path'));
  const { sha1: content, sha256, size } = await hashed(path, call.world.signal);
  const note = call.option('note');
  const body = { type: 'file', content, action, sha256, size, confirmed: true } as const;
  const listed = await client.objects.put({ ...body, ...defined({ notes: note }) });
  call.print({ added: listed }, `Added ${printable(basename(path))} with SHA-1 ${content}: ${action}.\n`);
}

async function hashed(path: string, signal: AbortSignal): Promise<{ sha1: string; sha256: string; size: number }> {
  const [sha1, sha256] = [createHash('sha1'), createHash('sha256')];
  let size = 0;
  try {
    for await (const chunk of createReadStream(path, { signal })) {
      if (!(chunk instanceof Buffer)) continue;
      sha1.update(chunk);
      sha256.update(chunk);
      size += chunk.length;
    }
  } catch (error) {
    if (signal.aborted) throw new CommandError(exitCodes.interrupted, 'Interrupted before the file was read.', '');
    return unusable(`${path} cannot be read`, 'Check the path.')(error);
  }
  return { sha1: sha1.digest('hex').toUpperCase(), sha256: sha256.digest('hex'), size };
}

const statusColumns: readonly Column<ObjectStatus>[] = [
  { title: 'HOST NAME', cell: (one) => one.hostName, cut: true },
  { title: 'GROUP', cell: (one) => one.group },
  { title: 'STATUS', cell: (one) => one.status },
  { title: 'REASON', cell: (one) => one.message ?? '', cut: true },
];

export async function show(call: Invocation): Promise<void> {
  const name = { type: typeFrom(call.word('type')), content: call.word('content') };
  const details = await (await consoleClient(call)).objects.get(name);
  call.print(details, detailsText(details, call));
}

function detailsText({ object, prevalence, counts, agents }: ObjectDetails, call: Invocation): string {
  const canary =
    object.enforceIn === null ? 'everywhere' : `in ${object.enforceIn.join(', ') || 'no group'}; logged elsewhere`;
  const lines = [
    `Object      ${object.type} ${object.content}`,
    `Action      ${object.action}, ${canary}${object.confirmed ? ', confirmed' : ''}`,
    ...(object.halted === null ? [] : [`Halted      ${object.halted.message}`]),
    `Rollout     enforced on ${counts.enforced}, logged on ${counts.logged}, not enforced on ${counts.notEnforced}, pending on ${counts.pending}`,
    `Detections  ${object.detections}; ${object.quarantined} in quarantine`,
    `Prevalence  ${prevalenceText(prevalence)}`,
  ];
  return `${lines.map(printable).join('\n')}\n\n${table(statusColumns, agents, call.world.out)}`;
}

export async function check(call: Invocation): Promise<ExitCode> {
  const body: PutObject = {
    type: typeFrom(call.word('type')),
    content: call.word('content'),
    action: actionFrom(call),
  };
  const checked = await (await consoleClient(call)).objects.check(body);
  call.print(checked, checkText(checked));
  return checked.reasons.length === 0 ? exitCodes.done : exitCodes.failed;
}

export function checkText({ reasons, prevalence }: ObjectCheck): string {
  const lines = reasons.map(
    ({ message, mayConfirm }) => `${mayConfirm ? 'Needs confirmation' : 'Refused'}: ${printable(message)}\n`,
  );
  return `${lines.join('') || 'No objections.\n'}Prevalence: ${prevalenceText(prevalence)}\n`;
}

function prevalenceText(prevalence: Prevalence | null): string {
  if (prevalence === null) return 'does not apply';
  if (prevalence.asked === 0)
    return `not searched for yet; "cordon objects find" searches ${counted(prevalence.of, 'agent')}`;
  const names = prevalence.hostNames.length === 0 ? '' : ` (${prevalence.hostNames.slice(0, 5).join(', ')})`;
  const owners = prevalence.packages.length === 0 ? '' : `; belongs to ${prevalence.packages.join(', ')}`;
  return `on ${prevalence.agents} of ${prevalence.asked} scanned agents${names}${owners}`;
}

export async function undo(call: Invocation): Promise<void> {
  const name = { type: typeFrom(call.word('type')), content: call.word('content') };
  const client = await consoleClient(call);
  const { object } = await client.objects.get(name);
  await confirm(
    call,
    `Remove ${printable(object.content)} from the list and restore ${counted(object.quarantined, 'file')}?`,
  );
  const reason = call.option('reason');
  const body = { ...name, ...defined({ reason }) };
  await askedTwice(call, (confirmed) => client.objects.undo({ ...body, ...confirmed }));
  call.print(
    { undone: name, files: object.quarantined },
    `Removed; restoring ${counted(object.quarantined, 'file')}. "cordon tasks list" shows progress.\n`,
  );
}

/** Adds through the console API, which supports canaries and confirmation; the Automation API does not. */
export async function put(call: Invocation): Promise<void> {
  const groups = call.options('in');
  const body: PutObject = {
    type: typeFrom(call.word('type')),
    content: call.word('content'),
    action: actionFrom(call),
    ...defined({
      notes: call.option('notes'),
      expiresAt: dateFrom(call.option('expires'))?.getTime(),
      enforceIn: groups.length === 0 ? undefined : groups,
      haltAbove: call.number('haltAbove'),
      confirmed: call.flag('confirm') || undefined,
    }),
  };
  const listed = await (await consoleClient(call, '--in, --halt-above and --confirm')).objects.put(body);
  const where = listed.enforceIn === null ? 'everywhere' : `in ${listed.enforceIn.join(', ')}, logged elsewhere`;
  call.print({ added: listed }, `Added ${listed.type} ${printable(listed.content)}: ${listed.action}, ${where}.\n`);
}
