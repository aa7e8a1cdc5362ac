/** Protects and forgets agents, and shows the code that releases one at its endpoint. */
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
  const broken = await client.agents.breakGlassCode(await entityIdOf(client, call.word('who')));
  const code = printable(broken.code);
  call.print(
    broken,
    `${code}\n\nRun this on the endpoint as root:\n\n  cordon-agent release --code ${code}\n\n` +
      `It releases only the current isolation of ${printable(broken.agent)} (epoch ${broken.epoch}) ` +
      'and needs no network.\nThe audit log records that you viewed it.\n',
  );
}

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
