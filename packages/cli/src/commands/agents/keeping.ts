/** Protects and forgets agents, and shows the code that releases one at its endpoint. */
import { releaseCommand } from '@cordon/protocol/console';
import type { Invocation } from '../../command/command.ts';
import { confirm } from '../../command/confirmation.ts';
import { consoleClient } from '../../connection/connection.ts';
import { printable } from '../../text/text.ts';
import { entityIdOf } from '../selection/one.ts';

export async function protect(call: Invocation, how: { protected: boolean }): Promise<void> {
  const client = await consoleClient(call);
  const id = await entityIdOf(client, call.word('who'));
  await client.agents.protect(id, how.protected);
  const { hostName } = await client.agents.get(id);
  const name = `${printable(hostName)} (${printable(id)})`;
  const text = how.protected
    ? `${name} is protected: isolation needs approval.\n`
    : `${name} is no longer protected.\n`;
  call.print({ agent: id, hostName, protected: how.protected }, text);
}

export async function breakGlass(call: Invocation): Promise<void> {
  const client = await consoleClient(call);
  const id = await entityIdOf(client, call.word('who'));
  const found = await client.agents.breakGlassCodes(id);
  const [first, second] = found.codes;
  if (first === undefined) throw new Error('The server answered without a code.');
  const other =
    second === undefined
      ? ''
      : `\nIt has not confirmed the newest desired state. If it says that the code is for another isolation, use:\n\n` +
        `  ${releaseCommand(printable(second.code))}\n`;
  call.print(
    found,
    `${printable(first.code)}\n\nRun this on the endpoint as root:\n\n  ${releaseCommand(printable(first.code))}\n\n` +
      `It releases only the isolation of ${printable(found.agent)} that ${meaning[first.isolation]} (epoch ${first.epoch}) ` +
      `and needs no network.\n${other}The audit log records that you viewed it.\n`,
  );
}

const meaning = { reported: 'it last reported', desired: 'is desired now' } as const;

export async function forget(call: Invocation): Promise<void> {
  const client = await consoleClient(call);
  const { agent, hostName, isolation } = await client.agents.get(await entityIdOf(client, call.word('who')));
  const name = `${printable(hostName)} (${printable(agent)})`;
  // Forgetting sends nothing, so rules on the endpoint stay.
  if (isolation !== 'normal' && isolation !== 'unsupported') {
    call.say(
      `It is ${printable(isolation)}. Forgetting does not release it, and it cannot be released from here afterwards.\n`,
    );
  }
  await confirm(call, `Forget ${name}?`);
  await client.agents.remove(agent);
  call.print(
    { forgotten: agent, hostName },
    `Forgot ${name}. Its pending commands are cancelled; nothing was sent to it.\n`,
  );
}
