/** The command that changes the user's own password. Cordon only. */
import type { Command, Invocation } from '../../command/command.ts';
import { consoleClient, keepSession } from '../../connection/connection.ts';
import { usage } from '../../command/failure.ts';
import { moment, printable } from '../../text/text.ts';

export const commands: readonly Command[] = [
  {
    name: 'password',
    summary: 'Change your own password; your other sessions end.',
    options: [['--password-stdin', 'Read the current and the new password from standard input, one per line.']],
    example: 'cordon password',
    run: change,
  },
];

async function change(call: Invocation): Promise<void> {
  const accounts = await consoleClient(call);
  const [current, password] = call.flag('passwordStdin') ? await fromLines(call) : await fromPerson(call);
  const session = await accounts.account.changePassword({ current, password });
  await keepSession(call, session);
  const text = `The password of ${printable(session.user)} is changed. This session expires ${moment(session.expiresAt)}.\n`;
  call.print({ user: session.user, expiresAt: session.expiresAt }, text);
}

async function fromLines(call: Invocation): Promise<[string, string]> {
  const [current = '', password = ''] = (await call.world.input.readAll()).split(/\r?\n/);
  if (current !== '' && password !== '') return [current, password];
  throw usage(
    'Standard input does not contain two passwords.',
    'Write the current one first, then the new one, one per line.',
  );
}

async function fromPerson(call: Invocation): Promise<[string, string]> {
  const { input } = call.world;
  if (!input.isTerminal)
    throw usage('The passwords are missing.', 'Add --password-stdin and write them to standard input.');
  const current = await input.askSecret('Current password (not shown): ');
  const password = await input.askSecret('New password, 12 characters or more (not shown): ');
  const again = await input.askSecret('Confirm new password: ');
  if (password === again) return [current, password];
  throw usage('The two new passwords differ.', 'Nothing was changed; try again.');
}
