/** The commands about the guard: how much one caller may isolate alone. Cordon only. */
import type { GuardSettings } from '@cordon/protocol/console';
import { defined } from '../../command/command.ts';
import type { Command, Invocation } from '../../command/command.ts';
import { consoleClient } from '../../connection/connection.ts';
import { usage } from '../../command/failure.ts';
import { counted } from '../../text/text.ts';

export const commands: readonly Command[] = [
  {
    name: 'guard show',
    summary: 'Show the limits of the guard.',
    example: 'cordon guard show',
    run: show,
  },
  {
    name: 'guard set',
    summary: 'Change the limits; omitted ones stay unchanged.',
    options: [
      ['--per-application <n>', 'Endpoints an application can isolate or uninstall per hour.'],
      ['--per-person <n>', 'Endpoints a person can isolate or uninstall per hour.'],
      ['--share <part>', 'Maximum share of all endpoints isolated at the same time, 0 to 1.'],
      ['--share-above <n>', 'Apply the share only above this many isolated endpoints.'],
      ['--on', 'Enable the guard.'],
      ['--off', 'Disable the guard: only protected endpoints still need approval.'],
    ],
    example: 'cordon guard set --per-application 50 --share 0.25',
    run: set,
  },
];

async function show(call: Invocation): Promise<void> {
  printSettings(call, await (await consoleClient(call)).guard.settings());
}

async function set(call: Invocation): Promise<void> {
  const changes = changesFrom(call);
  const client = await consoleClient(call);
  await client.guard.change({ ...(await client.guard.settings()), ...changes });
  printSettings(call, await client.guard.settings());
}

function changesFrom(call: Invocation): Partial<GuardSettings> {
  const changes = defined({
    enabled: enabledFrom(call),
    perApplicationPerHour: call.number('perApplication'),
    perPersonPerHour: call.number('perPerson'),
    shareOfFleet: shareFrom(call.option('share')),
    shareCountsAbove: call.number('shareAbove', 0),
  });
  if (Object.keys(changes).length > 0) return changes;
  throw usage('No change was given.', 'Run "cordon guard set --help".');
}

function enabledFrom(call: Invocation): boolean | undefined {
  const [on, off] = [call.flag('on'), call.flag('off')];
  if (on && off) throw usage('The guard cannot be on and off.', 'Give one of --on and --off.');
  return on ? true : off ? false : undefined;
}

function shareFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^(0(\.\d+)?|1(\.0+)?)$/.test(text)) return Number(text);
  throw usage(
    `"${text}" is not a share of all endpoints.`,
    'Give --share a number from 0 to 1, such as 0.5 for half of it.',
  );
}

function printSettings(call: Invocation, settings: GuardSettings): void {
  const percent = Math.round(settings.shareOfFleet * 1000) / 10;
  call.print(
    settings,
    `Guard            ${settings.enabled ? 'on' : 'off: only protected endpoints need approval'}\n` +
      `Per application  ${counted(settings.perApplicationPerHour, 'endpoint')} an hour\n` +
      `Per person       ${counted(settings.perPersonPerHour, 'endpoint')} an hour\n` +
      `Share            ${percent} % of all endpoints, above ${counted(settings.shareCountsAbove, 'endpoint')}\n`,
  );
}
