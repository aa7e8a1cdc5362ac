/** The commands about the syslog collector. Cordon only. */
import { resolve } from 'node:path';
import { eventKinds } from '@cordon/protocol/console';
import type { Syslog, SyslogSettings } from '@cordon/protocol/console';
import { yesOption } from '../../command/command.ts';
import type { Command, Invocation } from '../../command/command.ts';
import { confirm } from '../../command/confirmation.ts';
import { consoleClient } from '../../connection/connection.ts';
import { exitCodes, usage } from '../../command/failure.ts';
import type { ExitCode } from '../../command/failure.ts';
import { textOfFile } from '../../command/file-failures.ts';
import { counted, moment, printable } from '../../text/text.ts';

export const commands: readonly Command[] = [
  {
    name: 'syslog show',
    summary: 'Show the syslog settings and delivery state.',
    example: 'cordon syslog show',
    run: show,
  },
  {
    name: 'syslog set',
    summary: 'Send events to a syslog collector as CEF.',
    arguments: [['<host:port>', 'Address of the collector.']],
    options: [
      ['--tls', 'Over TLS; plain TCP unless given.'],
      ['--ca <file>', 'Custom CA certificates (PEM).', { values: 'file' }],
      [
        '--kind <kind>',
        'Only events of this kind, such as detection; all unless given.',
        { values: eventKinds, repeatable: true },
      ],
      ['--audit', 'Include the audit log.'],
      ['--facility <n>', '0 to 23; 16, local0, unless given.'],
    ],
    example: 'cordon syslog set siem.example:6514 --tls --audit',
    run: set,
  },
  {
    name: 'syslog off',
    summary: 'Disable syslog; asks first.',
    options: [yesOption],
    example: 'cordon syslog off',
    run: off,
  },
  {
    name: 'syslog test',
    summary: 'Send a test message.',
    example: 'cordon syslog test',
    run: test,
  },
];

async function show(call: Invocation): Promise<void> {
  const syslog = await (await consoleClient(call)).syslog.get();
  call.print(syslog, textOf(syslog));
}

async function set(call: Invocation): Promise<void> {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(call.word('host:port'));
  const host = match?.[1] ?? match?.[2];
  if (host === undefined)
    throw usage(`"${call.word('host:port')}" is not host:port.`, 'Write it like siem.example:6514.');
  const file = call.option('ca');
  const settings: SyslogSettings = {
    host,
    port: Number(match?.[3]),
    protocol: call.flag('tls') ? 'tls' : 'tcp',
    ca: file === undefined ? null : await textOfFile(resolve(call.world.cwd, file)),
    kinds: call.choices('kind', eventKinds),
    audit: call.flag('audit'),
    facility: call.number('facility', 0) ?? 16,
  };
  const client = await consoleClient(call);
  await client.syslog.set(settings);
  const syslog = await client.syslog.get();
  call.print(syslog, textOf(syslog));
}

async function off(call: Invocation): Promise<void> {
  const client = await consoleClient(call);
  await confirm(call, 'Disable syslog?');
  await client.syslog.remove();
  call.print({ removed: true }, 'Syslog is disabled.\n');
}

async function test(call: Invocation): Promise<ExitCode | void> {
  const outcome = await (await consoleClient(call)).syslog.test();
  const text = outcome.sent
    ? 'Sent. Syslog has no acknowledgement: check the collector.\n'
    : `Not sent: ${printable(outcome.error ?? '')}\n`;
  call.print(outcome, text);
  if (!outcome.sent) return exitCodes.failed;
}

function textOf({ settings, state }: Syslog): string {
  if (settings === null || state === null) return 'No syslog collector is set.\n';
  const kinds = settings.kinds.length === 0 ? 'all' : settings.kinds.join(', ');
  const since = state.changedAt === null ? '' : ` since ${moment(state.changedAt)}`;
  const lines = [
    `Collector  ${printable(settings.host)} ${settings.port}, ${settings.protocol}`,
    `Events     ${printable(kinds)}${settings.audit ? ', and the audit' : ''}`,
    `State      ${state.connected ? 'connected' : 'not connected'}${since}`,
    `Behind     ${counted(state.behind, 'event')}${settings.audit ? `, ${counted(state.auditBehind, 'line')} of the audit` : ''}`,
    ...(state.lastError === null ? [] : [`Error      ${printable(state.lastError)}`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
