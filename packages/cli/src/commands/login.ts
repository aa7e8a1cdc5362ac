/** The command that sets up a connection, and keeps it only after the server has accepted its credentials. */
import { Client, ConsoleClient, parseBaseUrl } from '@cordon/sdk';
import { parseFingerprint } from '@cordon/sdk/node';
import type { Command, Invocation } from '../command.ts';
import { profileName, transportFor } from '../connection.ts';
import { readProfiles, writeProfiles } from '../profiles.ts';
import type { Profile, Profiles } from '../profiles.ts';
import { moment, printable } from '../text.ts';
import { trustOf } from './login/trust.ts';
import { wishOf } from './login/wish.ts';
import type { Wish } from './login/wish.ts';

export const commands: readonly Command[] = [
  {
    name: 'login',
    summary: 'Set up the connection to a server, and check it.',
    options: [
      ['--url <url>', 'The server, like https://cordon.example:8443.'],
      [
        '--application-id <id>',
        'The application ID. Its key comes from CORDON_API_KEY, standard input, or a question.',
      ],
      ['--api-key-stdin', 'Read the API key from the first line of standard input.'],
      ['--fingerprint <hex>', 'Trust the certificate with this SHA-256, as the server prints it.'],
      ['--first-use', 'Show the certificate of the server, ask, and trust it from then on.'],
      ['--ca <file>', 'Trust what the authority in this PEM file signed.'],
      ['--admin <user>', 'Also sign in to the console, for what is Cordon only.'],
      ['--password-stdin', 'Read the password from the (next) line of standard input.'],
      ['--from <file>', 'Take all of this from the file that a new server writes.'],
      ['--yes', 'Do not ask.'],
    ],
    example: 'cordon login --from data/first-run.json',
    handler: login,
  },
];

async function login(call: Invocation): Promise<void> {
  const kept = await readProfiles(call.world);
  const name = profileName(call, kept.current);
  const wish = await wishOf(call, kept.profiles[name]);
  const trust = await trustOf(call, wish);
  const session = wish.admin === undefined ? undefined : await signIn(wish, wish.admin, trust);
  if (wish.application !== undefined) await check(call, wish, trust);
  const before = sameServer(kept.profiles[name], wish.url);
  const profile = {
    url: wish.url,
    fingerprint: trust.fingerprint,
    ca: trust.ca,
    applicationId: wish.application?.id ?? before?.applicationId,
    apiKey: wish.application?.key ?? before?.apiKey,
    session: session ?? before?.session,
  };
  await writeProfiles(call.world, withProfile(kept, name, profile));
  tell(call, name, { wish, profile });
}

type Trust = Pick<Profile, 'fingerprint' | 'ca'>;

/** A signed request that every server answers, also one without agents. */
async function check(call: Invocation, wish: Wish, trust: Trust): Promise<void> {
  const { application, url } = wish;
  if (application === undefined) return;
  const transport = transportFor(trust);
  const client = new Client({
    url,
    applicationId: application.id,
    apiKey: application.key,
    transport,
    now: call.world.now,
  });
  await client.servers.list({}, { signal: call.world.signal });
}

async function signIn(wish: Wish, admin: NonNullable<Wish['admin']>, trust: Trust): Promise<Profile['session']> {
  const client = new ConsoleClient({ url: wish.url, transport: transportFor(trust) });
  return client.signIn(admin.user, admin.password);
}

/** Signing in to the console must not lose the key that is there, nor the other way round. */
function sameServer(profile: Profile | undefined, url: string): Profile | undefined {
  if (profile === undefined) return undefined;
  return parseBaseUrl(profile.url).href === parseBaseUrl(url).href ? profile : undefined;
}

function withProfile(kept: Profiles, name: string, profile: Profile): Profiles {
  return { current: name, profiles: { ...kept.profiles, [name]: profile } };
}

function tell(call: Invocation, name: string, { wish, profile }: { wish: Wish; profile: Profile }): void {
  const lines = [`Connected to ${profile.url}, kept as profile "${name}".`];
  if (profile.fingerprint !== undefined) lines.push(`Certificate     ${parseFingerprint(profile.fingerprint)}`);
  if (wish.application !== undefined) lines.push(`Application ID  ${printable(wish.application.id)}`);
  if (wish.admin !== undefined && profile.session !== undefined) {
    lines.push(`Console         ${printable(profile.session.user)}, until ${moment(profile.session.expiresAt)}`);
  }
  lines.push('', `Next: ${nextStep(wish, profile)}`);
  const value = {
    profile: name,
    url: profile.url,
    fingerprint: profile.fingerprint ?? null,
    applicationId: profile.applicationId ?? null,
    admin: profile.session?.user ?? null,
  };
  call.tell(value, `${lines.join('\n')}\n`);
}

function nextStep(wish: Wish, profile: Profile): string {
  if (wish.practiceHost !== undefined) return `cordon agents isolate ${printable(wish.practiceHost)} --wait`;
  return profile.apiKey === undefined ? 'cordon apps add <name>' : 'cordon agents list';
}
