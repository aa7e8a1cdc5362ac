/** From profile and environment to clients: which server, whom to trust, with which credentials. */
import { readFile } from 'node:fs/promises';
import { Client, ConsoleClient, parseBaseUrl } from '@cordon/sdk';
import type { Transport } from '@cordon/sdk';
import { caTransport, pinnedTransport, systemTransport } from '@cordon/sdk/node';
import type { Invocation } from './command.ts';
import { CommandError, exitCodes, usage } from './failure.ts';
import { readProfiles } from './profiles.ts';
import type { Profile } from './profiles.ts';
import type { World } from './world.ts';

/** The name of the profile that this call uses. */
export function profileName(call: Invocation, current: string): string {
  return call.option('profile') ?? nonEmpty(call.world.env['CORDON_PROFILE']) ?? current;
}

/** A client of the Automation API. Everything the two guides need works with this, also against Apex Central. */
export async function apiClient(call: Invocation): Promise<Client> {
  const profile = await connectionOf(call);
  const { url, applicationId, apiKey } = profile;
  if (applicationId === undefined || apiKey === undefined) {
    throw usage(
      `There is no application ID and API key for ${url}.`,
      'Run "cordon login --application-id <id>", or set CORDON_APPLICATION_ID and CORDON_API_KEY.',
    );
  }
  return new Client({ url, applicationId, apiKey, transport: transportFor(profile), now: call.world.now });
}

/** A client of Cordon's console API, for what Apex Central does not have. */
export async function consoleClient(call: Invocation): Promise<ConsoleClient> {
  const profile = await connectionOf(call);
  const { session } = profile;
  const again = 'Run "cordon login --admin <user>". Apex Central does not have this command.';
  if (session === undefined) throw usage('This needs a person who is signed in to the console.', again);
  if (session.expiresAt <= call.world.now()) {
    throw new CommandError(exitCodes.refused, `The console session of ${session.user} has expired.`, again);
  }
  return new ConsoleClient({ url: profile.url, transport: transportFor(profile), session: session.token });
}

export function transportFor(trust: Pick<Profile, 'fingerprint' | 'ca'>): Transport {
  if (trust.fingerprint !== undefined) return pinnedTransport({ fingerprint: trust.fingerprint });
  return trust.ca === undefined ? systemTransport() : caTransport({ ca: trust.ca });
}

/** The profile with what the environment overrides, for scripts that keep no profile. */
async function connectionOf(call: Invocation): Promise<Profile> {
  const { env } = call.world;
  const kept = await keptProfile(call);
  const url = nonEmpty(env['CORDON_URL']) ?? kept?.url;
  if (url === undefined) {
    throw usage(
      'No server is set up.',
      'Run "cordon login", or set CORDON_URL, CORDON_APPLICATION_ID and CORDON_API_KEY.',
    );
  }
  // Trust and credentials belong to the server they were made for; another URL gets none of them.
  const same = kept !== undefined && parseBaseUrl(kept.url).href === parseBaseUrl(url).href ? kept : undefined;
  return {
    url,
    fingerprint: nonEmpty(env['CORDON_FINGERPRINT']) ?? same?.fingerprint,
    ca: (await caFrom(call.world)) ?? same?.ca,
    applicationId: nonEmpty(env['CORDON_APPLICATION_ID']) ?? same?.applicationId,
    apiKey: nonEmpty(env['CORDON_API_KEY']) ?? same?.apiKey,
    session: same?.session,
  };
}

async function keptProfile(call: Invocation): Promise<Profile | undefined> {
  const { current, profiles } = await readProfiles(call.world);
  const name = profileName(call, current);
  const profile = profiles[name];
  if (profile === undefined && name !== current) {
    const known = Object.keys(profiles).join(', ');
    throw usage(`There is no profile "${name}".`, known === '' ? 'Run "cordon login".' : `There are: ${known}.`);
  }
  return profile;
}

async function caFrom(world: World): Promise<string | undefined> {
  const path = nonEmpty(world.env['CORDON_CA']);
  return path === undefined ? undefined : readFile(path, 'utf8');
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
