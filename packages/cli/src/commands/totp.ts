/** The commands about one's own second factor. Only Cordon has them. */
import type { ConsoleClient } from '@cordon/sdk';
import type { Command, Invocation } from '../command.ts';
import { consoleClient, keepSession } from '../connection.ts';
import { usage } from '../failure.ts';
import { printable } from '../text.ts';

export const commands: readonly Command[] = [
  {
    name: 'totp enable',
    summary: 'Set up a second factor with an authenticator; asks for your password and a code.',
    example: 'cordon totp enable',
    handler: enable,
  },
  {
    name: 'totp disable',
    summary: 'Take your second factor away; asks for your password and a code.',
    example: 'cordon totp disable',
    handler: disable,
  },
];

async function enable(call: Invocation): Promise<void> {
  const accounts = await personAt(call);
  const { uri, secret } = await accounts.account.beginTotp(await call.world.input.askSecret('Password (not shown): '));
  const spaced = (secret.match(/.{1,4}/g) ?? []).join(' ');
  call.world.err.write(
    `Add this to your authenticator:\n  ${printable(uri)}\nor type the secret: ${printable(spaced)}\n`,
  );
  const { recoveryCodes, session } = await accounts.account.confirmTotp(await askCode(call));
  await keepSession(call, session);
  call.tell(
    { recoveryCodes },
    `The second factor is set up. These codes stand in for a lost device, each once; they are not shown again:\n` +
      recoveryCodes.map((code) => `  ${printable(code)}\n`).join(''),
  );
}

async function disable(call: Invocation): Promise<void> {
  const accounts = await personAt(call);
  const password = await call.world.input.askSecret('Password (not shown): ');
  await accounts.account.disableTotp({ password, code: await askCode(call) });
  call.tell({ totp: false }, 'The second factor is gone.\n');
}

async function personAt(call: Invocation): Promise<ConsoleClient> {
  const accounts = await consoleClient(call);
  if (call.world.input.isTerminal) return accounts;
  throw usage('A second factor wants a person who answers.', 'Run this at a terminal.');
}

async function askCode(call: Invocation): Promise<string> {
  return (await call.world.input.ask('Code of the authenticator: ')).trim();
}
