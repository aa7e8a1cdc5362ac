/** The commands about webhooks. Cordon only. */
import { resolve } from 'node:path';
import { eventKinds } from '@cordon/protocol/console';
import type { Delivery, Webhook, WebhookWithSecret } from '@cordon/protocol/console';
import type { ConsoleClient } from '@cordon/sdk';
import { yesOption } from '../../command/command.ts';
import type { Argument, Command, Invocation } from '../../command/command.ts';
import { confirm } from '../../command/confirmation.ts';
import { findNamed } from '../../command/named.ts';
import { consoleClient } from '../../connection/connection.ts';
import { exitCodes, usage } from '../../command/failure.ts';
import type { ExitCode } from '../../command/failure.ts';
import { textOfFile } from '../../command/file-failures.ts';
import { table } from '../../text/table.ts';
import type { Column } from '../../text/table.ts';
import { counted, moment, printable } from '../../text/text.ts';

const which: Argument = ['<webhook>', 'Its ID or its name.'];

export const commands: readonly Command[] = [
  {
    name: 'webhooks list',
    summary: 'List webhooks and their delivery state.',
    example: 'cordon webhooks list',
    run: list,
  },
  {
    name: 'webhooks add',
    summary: 'Add a webhook and show its secret once.',
    arguments: [
      ['<name>', 'An easily identifiable name.'],
      ['<url>', 'Where it is called: https://…'],
    ],
    options: [
      [
        '--kind <kind>',
        'Only events of this kind, such as detection; all unless given.',
        { values: eventKinds, repeatable: true },
      ],
      ['--ca <file>', 'Custom CA certificates (PEM).', { values: 'file' }],
      ['--allow-plain', 'Allow unencrypted HTTP to other hosts.'],
    ],
    example: 'cordon webhooks add soar https://soar.example/cordon --kind detection --kind command.failed',
    run: add,
  },
  {
    name: 'webhooks remove',
    summary: 'Remove a webhook; asks first.',
    arguments: [which],
    options: [yesOption],
    example: 'cordon webhooks remove soar',
    run: remove,
  },
  {
    name: 'webhooks rotate',
    summary: 'Create a new secret and show it once; the old one also signs for a day.',
    arguments: [which],
    example: 'cordon webhooks rotate soar',
    run: rotate,
  },
  {
    name: 'webhooks test',
    summary: 'Send a test event to a webhook.',
    arguments: [which],
    example: 'cordon webhooks test soar',
    run: test,
  },
  {
    name: 'webhooks replay',
    summary: 'Replay events to a webhook from an event or a time.',
    arguments: [which],
    options: [
      ['--from <id>', 'Start with this event ID.'],
      ['--since <time>', 'Events of the last 30m, 4h, 2d, or since a date.'],
    ],
    example: 'cordon webhooks replay soar --since 4h',
    run: replay,
  },
  {
    name: 'webhooks deliveries',
    summary: 'List recent deliveries and their results.',
    arguments: [which],
    example: 'cordon webhooks deliveries soar',
    run: deliveries,
  },
];

const columns: readonly Column<Webhook>[] = [
  { title: 'NAME', cell: (webhook) => webhook.name, cut: true },
  { title: 'STATE', cell: (webhook) => (webhook.enabled ? webhook.state : 'disabled') },
  { title: 'BEHIND', cell: (webhook) => String(webhook.behind) },
  { title: 'EVENTS', cell: (webhook) => (webhook.kinds.length === 0 ? 'all' : webhook.kinds.join(', ')), cut: true },
  { title: 'URL', cell: (webhook) => webhook.url, cut: true },
  { title: 'LAST ERROR', cell: (webhook) => webhook.lastError ?? '', cut: true, spare: true },
  { title: 'ID', cell: (webhook) => webhook.id },
];

const deliveryColumns: readonly Column<Delivery>[] = [
  { title: 'AT', cell: (delivery) => moment(delivery.at) },
  { title: 'EVENT', cell: (delivery) => String(delivery.event) },
  { title: 'KIND', cell: (delivery) => delivery.kind },
  { title: 'ATTEMPT', cell: (delivery) => String(delivery.attempt) },
  { title: 'STATUS', cell: (delivery) => String(delivery.status ?? '') },
  { title: 'DURATION', cell: (delivery) => `${delivery.milliseconds} ms` },
  { title: 'ERROR', cell: (delivery) => delivery.error ?? '', cut: true },
];

async function list(call: Invocation): Promise<void> {
  const webhooks = await (await consoleClient(call)).webhooks.list();
  call.print(webhooks, webhooks.length === 0 ? 'No webhooks.\n' : table(columns, webhooks, call.world.out));
}

async function add(call: Invocation): Promise<void> {
  const file = call.option('ca');
  const body = {
    name: call.word('name'),
    url: call.word('url'),
    kinds: call.choices('kind', eventKinds),
    ca: file === undefined ? null : await textOfFile(resolve(call.world.cwd, file)),
    allowPlain: call.flag('allowPlain'),
  };
  printSecret(call, await (await consoleClient(call)).webhooks.add(body));
}

async function remove(call: Invocation): Promise<void> {
  const client = await consoleClient(call);
  const webhook = await find(call, client);
  await confirm(call, `Remove ${printable(webhook.name)} (${printable(webhook.url)})?`);
  await client.webhooks.remove(webhook.id);
  call.print({ removed: webhook.id }, `Removed ${printable(webhook.name)}.\n`);
}

async function rotate(call: Invocation): Promise<void> {
  const client = await consoleClient(call);
  printSecret(call, await client.webhooks.rotate((await find(call, client)).id));
}

async function test(call: Invocation): Promise<ExitCode | void> {
  const client = await consoleClient(call);
  const delivery = await client.webhooks.test((await find(call, client)).id);
  const took = `${delivery.milliseconds} ms`;
  call.print(
    delivery,
    delivery.error === null ? `Accepted in ${took}.\n` : `Not accepted: ${printable(delivery.error)}\n`,
  );
  if (delivery.error !== null) return exitCodes.failed;
}

async function replay(call: Invocation): Promise<void> {
  const [fromEvent, since] = [call.number('from'), call.since()];
  if ((fromEvent === undefined) === (since === undefined))
    throw usage('Give exactly one starting point.', 'Give one of --from and --since.');
  const client = await consoleClient(call);
  const webhook = await find(call, client);
  const body = fromEvent === undefined ? { since: since ?? 0 } : { fromEvent };
  const replayed = await client.webhooks.replay(webhook.id, body);
  const from = replayed.from === null ? '' : `, from event ${replayed.from} on`;
  call.print(replayed, `${printable(webhook.name)} replays ${counted(replayed.events, 'event')}${from}.\n`);
}

async function deliveries(call: Invocation): Promise<void> {
  const client = await consoleClient(call);
  const kept = await client.webhooks.deliveries((await find(call, client)).id);
  call.print(kept, kept.length === 0 ? 'No deliveries yet.\n' : table(deliveryColumns, kept, call.world.out));
}

async function find(call: Invocation, client: ConsoleClient): Promise<Webhook> {
  return findNamed(await client.webhooks.list(), call.word('webhook'), { noun: 'webhook', list: 'webhooks list' });
}

function printSecret(call: Invocation, made: WebhookWithSecret): void {
  call.print(
    made,
    `Webhook  ${printable(made.webhook.name)}\n` +
      `ID       ${printable(made.webhook.id)}\n` +
      `Secret   ${printable(made.secret)}\n\n` +
      'The secret is not shown again. The receiver verifies calls with it.\n',
  );
}
