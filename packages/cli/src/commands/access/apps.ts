/** The commands about applications that may use the Automation API. Cordon only. */
import type { Application, ApplicationWithKey } from '@cordon/protocol/console';
import type { ConsoleClient } from '@cordon/sdk';
import { defined, yesOption } from '../../command/command.ts';
import type { Argument, Command, Invocation } from '../../command/command.ts';
import { confirm } from '../../command/confirmation.ts';
import { findNamed } from '../../command/named.ts';
import { consoleClient } from '../../connection/connection.ts';

import { table } from '../../text/table.ts';
import type { Column } from '../../text/table.ts';
import { moment, printable } from '../../text/text.ts';

const which: Argument = ['<application>', 'Its ID or its name.'];

export const commands: readonly Command[] = [
  {
    name: 'apps list',
    summary: 'List applications.',
    example: 'cordon apps list',
    run: list,
  },
  {
    name: 'apps add',
    summary: 'Add an application and show its key once.',
    arguments: [['<name>', 'An easily identifiable name.']],
    options: [['--timeout <time>', 'Maximum age of a request: 30s, 5m.']],
    example: 'cordon apps add playbooks --timeout 5m',
    run: add,
  },
  {
    name: 'apps enable',
    summary: 'Allow an application to call the API.',
    arguments: [which],
    example: 'cordon apps enable playbooks',
    run: (call) => change(call, { enabled: true }),
  },
  {
    name: 'apps disable',
    summary: 'Block an application from calling the API.',
    arguments: [which],
    example: 'cordon apps disable playbooks',
    run: (call) => change(call, { enabled: false }),
  },
  {
    name: 'apps rotate',
    summary: 'Create a new key and show it once; the old one stops working.',
    arguments: [which],
    options: [yesOption],
    example: 'cordon apps rotate playbooks',
    run: rotate,
  },
  {
    name: 'apps remove',
    summary: 'Remove an application; asks first.',
    arguments: [which],
    options: [yesOption],
    example: 'cordon apps remove playbooks',
    run: remove,
  },
];

const columns: readonly Column<Application>[] = [
  { title: 'NAME', cell: (application) => application.name, cut: true },
  { title: 'STATE', cell: (application) => (application.enabled ? 'enabled' : 'disabled') },
  { title: 'TIME-OUT', cell: (application) => `${application.timeoutSeconds} s` },
  { title: 'LAST USED', cell: (application) => moment(application.lastUsedAt), spare: true },
  { title: 'FROM', cell: (application) => application.lastUsedFrom ?? '', spare: true },
  { title: 'APPLICATION ID', cell: (application) => application.id },
];

async function list(call: Invocation): Promise<void> {
  const applications = await (await consoleClient(call)).applications.list();
  const text = applications.length === 0 ? 'No applications.\n' : table(columns, applications, call.world.out);
  call.print(applications, text);
}

async function add(call: Invocation): Promise<void> {
  const timeoutSeconds = call.seconds('timeout', '30s or 5m');
  const client = await consoleClient(call);
  const body = { name: call.word('name'), ...defined({ timeoutSeconds }) };
  printKey(call, await client.applications.add(body));
}

async function change(call: Invocation, { enabled }: { enabled: boolean }): Promise<void> {
  const client = await consoleClient(call);
  const application = await find(call, client);
  await client.applications.change(application.id, { enabled });
  const state = enabled ? 'enabled' : 'disabled';
  call.print({ id: application.id, enabled }, `${printable(application.name)} is ${state}.\n`);
}

async function rotate(call: Invocation): Promise<void> {
  const client = await consoleClient(call);
  const application = await find(call, client);
  await confirm(call, `Replace the key of ${printable(application.name)}? The current key stops working.`);
  printKey(call, await client.applications.rotate(application.id));
}

async function remove(call: Invocation): Promise<void> {
  const client = await consoleClient(call);
  const application = await find(call, client);
  await confirm(call, `Remove ${printable(application.name)} (${printable(application.id)})?`);
  await client.applications.remove(application.id);
  call.print({ removed: application.id }, `Removed ${printable(application.name)}.\n`);
}

async function find(call: Invocation, client: ConsoleClient): Promise<Application> {
  return findNamed(await client.applications.list(), call.word('application'), {
    noun: 'application',
    list: 'apps list',
  });
}

function printKey(call: Invocation, made: ApplicationWithKey): void {
  call.print(
    made,
    `Application     ${printable(made.application.name)}\n` +
      `Application ID  ${printable(made.application.id)}\n` +
      `API key         ${printable(made.apiKey)}\n\n` +
      'The key is not shown again. Keep it where only the application can read it.\n',
  );
}
