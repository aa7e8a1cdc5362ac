/** The commands about the user's own second factor. Cordon only. */
import type { ConsoleClient } from '@cordon/sdk';
import type { Command, Invocation } from '../../command/command.ts';
import { consoleClient, keepSession } from '../../connection/connection.ts';
import { usage } from '../../command/failure.ts';
import { printable } from '../../text/text.ts';

export const commands: readonly Command[] = [
  {
    name: 'totp enable',
    summary: 'Enable a second factor; asks for your password and a code.',
    example: 'cordon totp enable',
    run: enable,
  },
  {
    name: 'totp disable',
    summary: 'Disable your second factor; asks for your password and a code.',
    example: 'cordon totp disable',
    run: disable,
  },
];

async function enable(call: Invocation): Promise<void> {
  const accounts = await personAt(call);
  const { uri, secret } = await accounts.account.beginTotp(await call.world.input.askSecret('Password (not shown): '));
  const spaced = (secret.match(/.{1,4}/g) ?? []).join(' ');
  call.world.err.write(
    `Add this to your authenticator app:\n  ${printable(uri)}\nor enter the secret: ${printable(spaced)}\n`,
  );
  const { recoveryCodes, session } = await accounts.account.confirmTotp(await askCode(call));
  await keepSession(call, session);
  call.print(
    { recoveryCodes },
    `Second factor enabled. Each recovery code works once if you lose your device; they are not shown again:\n` +
      recoveryCodes.map((code) => `  ${printable(code)}\n`).join(''),
  );
}

async function disable(call: Invocation): Promise<void> {
  const accounts = await personAt(call);
  const password = await call.world.input.askSecret('Password (not shown): ');
  await accounts.account.disableTotp({ password, code: await askCode(call) });
  call.print({ totp: false }, 'Second factor disabled.\n');
}

async function personAt(call: Invocation): Promise<ConsoleClient> {
  const accounts = await consoleClient(call);
  if (call.world.input.isTerminal) return accounts;
  throw usage('Interactive only.', 'Run this in a terminal.');
}

async function askCode(call: Invocation): Promise<string> {
  return (await call.world.input.ask('Code from your authenticator: ')).trim();
}
