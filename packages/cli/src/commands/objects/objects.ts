/** The commands about user-defined suspicious objects. */
import { resolve } from 'node:path';
import { domainToASCII } from 'node:url';
import { objectTypes, scanActions } from '@cordon/protocol/words';
import type { ObjectType } from '@cordon/protocol/words';
import { RefusedError } from '@cordon/sdk/automation';
import type { Client, SuspiciousObject } from '@cordon/sdk';
import { fileAt } from '@cordon/sdk/node';
import { reasonOption, yesOption } from '../../command/command.ts';
import type { Argument, Command, Invocation, Option } from '../../command/command.ts';
import { apiClient } from '../../connection/connection.ts';
import { CommandError, exitCodes, usage } from '../../command/failure.ts';
import type { ExitCode } from '../../command/failure.ts';
import { progressOf } from '../../command/progress.ts';
import { table } from '../../text/table.ts';
import type { Column } from '../../text/table.ts';
import { printable } from '../../text/text.ts';
import type * as Reach from './reach.ts';
import { actionFrom, dateFrom, typeFrom } from './words.ts';
import { waitOptions } from '../tasks/follow.ts';

const typeSummary = `One of ${objectTypes.join(', ')}.`;
const typeArgument: Argument = ['<type>', typeSummary, objectTypes];
const newContent: Argument = ['<content>', 'The address, URL, domain or SHA-1.'];
const listedContent: Argument = ['<content>', 'Exactly as shown in the list.'];
const action: Option = [
  '--action <action>',
  `What agents do when they detect it: ${scanActions.join(', ')}. Required.`,
  { values: scanActions },
];

export const commands: readonly Command[] = [
  {
    name: 'objects list',
    summary: 'List suspicious objects.',
    options: [
      ['--type <type>', typeSummary, { values: objectTypes }],
      ['--filter <text>', 'Only objects containing this text.'],
    ],
    example: 'cordon objects list --type file',
    run: list,
  },
  {
    name: 'objects add',
    summary: 'Add a suspicious object or change an existing one.',
    arguments: [['<type>', 'ip, url, domain or file_sha1.', objectTypes.filter((one) => one !== 'file')], newContent],
    options: [
      action,
      ['--notes <text>', 'Reason or case number.'],
      ['--expires <date>', 'Expiry date: 2027-01-31, or 2027-01-31T12:00:00Z.'],
      ['--in <group>', 'Canary: enforce only in this group; others log it (Cordon only).', { repeatable: true }],
      ['--halt-above <n>', 'Canary: revert to log-only if more agents than this detect it in an hour (Cordon only).'],
      ['--confirm', 'Add it despite a listing-safety warning: packages, shells, private addresses (Cordon only).'],
    ],
    example: 'cordon objects add ip 203.0.113.9 --action block --notes "case 1234"',
    run: add,
  },
  {
    name: 'objects remove',
    summary: 'Remove a suspicious object.',
    arguments: [typeArgument, listedContent],
    example: 'cordon objects remove ip 203.0.113.9',
    run: remove,
  },
  {
    name: 'objects add-file',
    summary: 'Upload a file and add it to the suspicious objects.',
    arguments: [['<path>', 'The file.', 'file']],
    options: [
      action,
      ['--note <text>', 'Reason or case number.'],
      ['--confirm', 'Add it despite a listing-safety warning; only its hashes are sent (Cordon only).'],
    ],
    example: 'cordon objects add-file ./sample.bin --action quarantine --note "case 1234"',
    run: addFile,
  },
  {
    name: 'objects find',
    summary: 'Search all endpoints for a file, listed or not (Cordon only).',
    arguments: [['<what>', 'A SHA-1, or the path of a local copy of the file.', 'file']],
    options: [['--group <name>', 'Search only this group.'], ...waitOptions],
    example: 'cordon objects find ./sample.bin',
    run: async (call) => (await reach()).find(call),
  },
  {
    name: 'objects show',
    summary: 'Show rollout, prevalence and detections of an object (Cordon only).',
    arguments: [typeArgument, listedContent],
    example: 'cordon objects show ip 203.0.113.9',
    run: async (call) => (await reach()).show(call),
  },
  {
    name: 'objects check',
    summary: 'Check listing safety and prevalence without adding the object (Cordon only).',
    arguments: [typeArgument, newContent],
    options: [action],
    example: 'cordon objects check ip 10.1.1.1 --action block',
    run: async (call) => (await reach()).check(call),
  },
  {
    name: 'objects undo',
    summary: 'Remove an object and restore the files quarantined for it everywhere (Cordon only).',
    arguments: [typeArgument, listedContent],
    options: [reasonOption, yesOption],
    example: 'cordon objects undo file 0A0B0C0D0E0F101112131415161718191A1B1C1D --reason "case 1234"',
    run: async (call) => (await reach()).undo(call),
  },
];

/** Loaded only when needed, because it loads the schemas of the console API. */
async function reach(): Promise<typeof Reach> {
  return import('./reach.ts');
}

const columns: readonly Column<SuspiciousObject>[] = [
  { title: 'TYPE', cell: (object) => object.type },
  { title: 'CONTENT', cell: (object) => object.content },
  { title: 'ACTION', cell: (object) => object.action },
  { title: 'EXPIRES (UTC)', cell: (object) => object.expires?.replace('T', ' ') ?? 'never', spare: true },
  { title: 'NOTES', cell: (object) => object.notes, cut: true, spare: true },
];

async function list(call: Invocation): Promise<void> {
  const type = call.option('type');
  const filter = { type: type === undefined ? undefined : typeFrom(type), contentFilter: call.option('filter') };
  const objects = await (await apiClient(call)).objects.list(filter, { signal: call.world.signal });
  call.print(objects, objects.length === 0 ? 'No suspicious objects.\n' : table(columns, objects, call.world.out));
}

async function add(call: Invocation): Promise<ExitCode | void> {
  const throughConsole =
    call.options('in').length > 0 || call.option('haltAbove') !== undefined || call.flag('confirm');
  if (throughConsole) return (await reach()).put(call);
  const type = typeFrom(call.word('type'));
  if (type === 'file') throw usage('A file is added by uploading it.', 'Run "cordon objects add-file <path>".');
  const object = {
    type,
    content: call.word('content'),
    action: actionFrom(call),
    notes: call.option('notes'),
    expires: dateFrom(call.option('expires')),
  };
  const client = await apiClient(call);
  await client.objects.add(object, { signal: call.world.signal }).catch(confirmable);
  const content = mayBeRespelt(object) ? await storedAs(client, object, call.world.signal) : object.content;
  call.print({ added: { ...object, content } }, `Added ${type} ${printable(content)}: ${object.action}.\n`);
}

type Added = Pick<SuspiciousObject, 'content' | 'action'> & { readonly type: ObjectType };

/** Whether the server may store this content in another spelling; the command then prints the stored one. */
function mayBeRespelt({ type, content }: Added): boolean {
  const plain = { ip: /^[\d.]+$/, domain: /^[a-z0-9_*.-]+[^.]$/, file_sha1: /^[0-9A-F]+$/, url: /^\S+$/, file: /^/ };
  return !plain[type].test(content);
}

/** The entry now in the list: with this exact content, or else the newest change that matches. */
async function storedAs(client: Client, { type, content, action: asked }: Added, signal: AbortSignal): Promise<string> {
  const bare = content.trim().replace(/\.$/, '');
  const contentFilter = type === 'domain' ? domainToASCII(bare) || bare : bare;
  // The object is already added; if the list cannot be read, only its spelling is not printed.
  const listed = await client.objects.list({ type, contentFilter }, { signal }).catch(() => []);
  const found = listed.find((one) => one.content === content) ?? listed.find((one) => one.action === asked);
  return found?.content ?? content;
}

/** Replaces the SDK's hint by this command's own flag. */
function confirmable(error: unknown): never {
  if (!(error instanceof RefusedError) || !error.reasons.includes('listing-needs-confirmation')) throw error;
  const hint = 'Add --confirm to list it anyway; that needs "cordon login".';
  const { httpStatus, family, code, reasons, word, serverMessage: message } = error;
  throw new RefusedError({ httpStatus, family, code, reasons, word, message, hint });
}

async function remove(call: Invocation): Promise<void> {
  const object = { type: typeFrom(call.word('type')), content: call.word('content') };
  const { removed } = await (await apiClient(call)).objects.remove(object, { signal: call.world.signal });
  if (!removed) {
    throw new CommandError(
      exitCodes.nothingMatched,
      `There is no ${object.type} ${object.content} in the list; nothing was removed.`,
      'Run "cordon objects list"; the content must match exactly.',
    );
  }
  call.print({ removed: object }, `Removed ${object.type} ${printable(object.content)}.\n`);
}

async function addFile(call: Invocation): Promise<void> {
  if (call.flag('confirm')) return (await reach()).putFile(call);
  const scanAction = actionFrom(call);
  const progress = progressOf(call);
  const doing = { hash: 'Reading', send: 'Sending' } as const;
  const content = await fileAt(resolve(call.world.cwd, call.word('path')), {
    onProgress: ({ pass, done, total }) => progress.show(doing[pass], done, total),
  });
  const file = { name: content.name, content, action: scanAction, note: call.option('note') };
  const client = await apiClient(call);
  const adding = client.objects.addFile(file, { signal: call.world.signal }).finally(progress.end);
  const { sha1 } = await adding.catch(confirmable);
  const added = { type: 'file', content: sha1, action: scanAction, name: file.name };
  call.print({ added }, `Added ${printable(file.name)} with SHA-1 ${sha1}: ${scanAction}.\n`);
}
