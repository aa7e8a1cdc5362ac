/** The command that forgets a connection. */
import { ConsoleClient } from '@cordon/sdk';
import type { Command, Invocation } from '../command.ts';
import { profileName, transportFor } from '../connection.ts';
import { readProfiles, writeProfiles } from '../profiles.ts';
import type { Profile } from '../profiles.ts';

export const commands: readonly Command[] = [
  {
    name: 'logout',
    summary: 'End the console session and forget a connection with its credentials.',
    example: 'cordon logout --profile lab',
    handler: logout,
  },
];

async function logout(call: Invocation): Promise<void> {
  const { current, profiles } = await readProfiles(call.world);
  const name = profileName(call, current);
  const profile = profiles[name];
  if (profile === undefined) {
    call.tell({ profile: name, forgotten: false }, `There is no profile "${name}"; nothing to forget.\n`);
    return;
  }
  const ended = await endSession(profile);
  const rest = Object.fromEntries(Object.entries(profiles).filter(([other]) => other !== name));
  await writeProfiles(call.world, {
    current: name === current ? (Object.keys(rest)[0] ?? 'default') : current,
    profiles: rest,
  });
  const remark = ended ? '' : ' The server could not be told; the session there ends by itself.';
  call.tell({ profile: name, forgotten: true }, `Forgot profile "${name}" (${profile.url}).${remark}\n`);
}

/** Forgetting must work without the server, so a failure here is only told. */
async function endSession(profile: Profile): Promise<boolean> {
  if (profile.session === undefined) return true;
  const client = new ConsoleClient({
    url: profile.url,
    transport: transportFor(profile),
    session: profile.session.token,
  });
  return client.signOut().then(
    () => true,
    () => false,
  );
}
