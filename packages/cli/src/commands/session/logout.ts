/** The command that forgets a connection. */
import { ConsoleClient } from '@cordon/sdk';
import type { Command, Invocation } from '../../command/command.ts';
import { connectionName, transportFor } from '../../connection/connection.ts';
import { readConnections, writeConnections } from '../../connection/kept-connections.ts';
import type { KeptConnection } from '../../connection/kept-connections.ts';

export const commands: readonly Command[] = [
  {
    name: 'logout',
    summary: 'End the console session and remove a connection with its credentials.',
    example: 'cordon logout --connection lab',
    run: logout,
  },
];

async function logout(call: Invocation): Promise<void> {
  const { current, profiles } = await readConnections(call.world);
  const name = connectionName(call, current);
  const connection = profiles[name];
  if (connection === undefined) {
    call.print({ connection: name, forgotten: false }, `There is no connection "${name}"; nothing to remove.\n`);
    return;
  }
  const ended = await endSession(connection);
  const rest = Object.fromEntries(Object.entries(profiles).filter(([other]) => other !== name));
  await writeConnections(call.world, {
    current: name === current ? (Object.keys(rest)[0] ?? 'default') : current,
    profiles: rest,
  });
  const remark = ended ? '' : ' The server could not be reached; the session expires on its own.';
  call.print({ connection: name, forgotten: true }, `Forgot connection "${name}" (${connection.url}).${remark}\n`);
}

/** Forgetting must work without the server, so a failure here is only printed. */
async function endSession(connection: KeptConnection): Promise<boolean> {
  if (connection.session === undefined) return true;
  const client = new ConsoleClient({
    url: connection.url,
    transport: transportFor(connection),
    session: connection.session.token,
  });
  return client.signOut().then(
    () => true,
    () => false,
  );
}
