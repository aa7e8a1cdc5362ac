/** Builds API clients from saved connection and environment: server, trust, credentials. */
import { readFile } from 'node:fs/promises';
import type { SignedIn } from '@cordon/protocol/console';
import { Client, parseBaseUrl } from '@cordon/sdk/automation';
import type { ConsoleClient as Console, Transport } from '@cordon/sdk';
import { caTransport, pinnedTransport, systemTransport } from '@cordon/sdk/node';
import type { Invocation } from '../command/command.ts';
import { CommandError, exitCodes, usage } from '../command/failure.ts';
import { proxyFor } from '../world/proxy.ts';
import { unusable } from '../command/file-failures.ts';
import { readConnections, writeConnections } from './kept-connections.ts';
import type { KeptConnection, KnownAudit } from './kept-connections.ts';
import type { World } from '../world/world.ts';

/** The name of the connection that this call uses. */
export function connectionName(call: Invocation, current: string): string {
  const { env } = call.world;
  return call.option('connection') ?? nonEmpty(env['CORDON_CONNECTION']) ?? current;
}

/** A client of the Automation API. Everything in the two guides works with it, including against Apex Central. */
export async function apiClient(call: Invocation): Promise<Client> {
  const connection = await connectionOf(call);
  const { url, applicationId, apiKey } = connection;
  if (applicationId === undefined || apiKey === undefined) {
    throw usage(
      `There is no application ID and API key for ${url}.`,
      'Run "cordon login --application-id <id>", or set CORDON_APPLICATION_ID and CORDON_API_KEY.',
    );
  }
  const transport = transportFor(connection);
  return new Client({ url, applicationId, apiKey, transport, now: call.world.now, retries: { firstPauseMs: 100 } });
}

/** A client of Cordon's console API, for what Apex Central does not have. `what` is for the message. */
export async function consoleClient(call: Invocation, what = 'This'): Promise<Console> {
  const connection = await connectionOf(call);
  const { session } = connection;
  const lacks = what === 'This' ? 'this command' : 'them';
  const again = `Run "cordon login --admin <user>". Apex Central does not have ${lacks}.`;
  if (session === undefined) {
    throw usage(`${what} need${what === 'This' ? 's' : ''} a console sign-in.`, again);
  }
  if (session.expiresAt <= call.world.now()) {
    throw new CommandError(exitCodes.refused, `The console session of ${session.user} has expired.`, again);
  }
  // Only commands that use the console load this part of the SDK.
  const { ConsoleClient } = await import('@cordon/sdk');
  return new ConsoleClient({ url: connection.url, transport: transportFor(connection), session: session.token });
}

/** Saves the session that replaces the previous one after a change of password or second factor. */
export async function keepSession(call: Invocation, session: SignedIn): Promise<void> {
  const kept = await readConnections(call.world);
  const name = connectionName(call, kept.current);
  const connection = kept.profiles[name];
  const { token = '', user, expiresAt } = session;
  if (connection === undefined) return;
  const renewed = { ...connection, session: { token, user, expiresAt } };
  await writeConnections(call.world, { ...kept, profiles: { ...kept.profiles, [name]: renewed } });
}

/** Whether there is a console session. */
export async function hasSession(call: Invocation): Promise<boolean> {
  const { session } = await connectionOf(call);
  return session !== undefined && session.expiresAt > call.world.now();
}

/** The results of earlier verifications of this server's audit. */
export async function knownAudit(call: Invocation): Promise<KnownAudit | undefined> {
  return (await connectionOf(call)).audit;
}

export async function keepAudit(call: Invocation, audit: KnownAudit): Promise<void> {
  const kept = await readConnections(call.world);
  const name = connectionName(call, kept.current);
  const connection = kept.profiles[name];
  if (connection === undefined) return;
  await writeConnections(call.world, { ...kept, profiles: { ...kept.profiles, [name]: { ...connection, audit } } });
}

/** Uses the proxy that HTTPS_PROXY and NO_PROXY name for the URL, if any. */
export function transportFor({ url, fingerprint, ca }: Pick<KeptConnection, 'url' | 'fingerprint' | 'ca'>): Transport {
  const proxy = proxyFor(url);
  if (proxy !== undefined && !isProxyUrl(proxy.url)) {
    // May contain a password, so it is not repeated.
    throw usage(`${proxy.variable} is not the URL of a proxy.`, 'Write it like http://proxy.example:3128.');
  }
  return transportThrough(proxy?.url, { fingerprint, ca });
}

function isProxyUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function transportThrough(
  proxy: string | undefined,
  { fingerprint, ca }: Pick<KeptConnection, 'fingerprint' | 'ca'>,
): Transport {
  if (fingerprint !== undefined) return pinnedTransport({ fingerprint, proxy });
  return ca === undefined ? systemTransport({ proxy }) : caTransport({ ca, proxy });
}

/** The connection, overridden by the environment, for scripts without a saved connection. */
export async function connectionOf(call: Invocation): Promise<KeptConnection> {
  const { env } = call.world;
  const kept = await keptConnection(call);
  const url = nonEmpty(env['CORDON_URL']) ?? kept?.url;
  if (url === undefined) {
    throw usage(
      'No connection is set up.',
      'Run "cordon login", or set CORDON_URL, CORDON_APPLICATION_ID and CORDON_API_KEY.',
    );
  }
  // Trust and credentials belong to one server; another URL gets none of them.
  const same = kept !== undefined && parseBaseUrl(kept.url).href === parseBaseUrl(url).href ? kept : undefined;
  return {
    url,
    fingerprint: nonEmpty(env['CORDON_FINGERPRINT']) ?? same?.fingerprint,
    ca: (await caFrom(call.world)) ?? same?.ca,
    applicationId: nonEmpty(env['CORDON_APPLICATION_ID']) ?? same?.applicationId,
    apiKey: nonEmpty(env['CORDON_API_KEY']) ?? same?.apiKey,
    session: same?.session,
    audit: same?.audit,
  };
}

async function keptConnection(call: Invocation): Promise<KeptConnection | undefined> {
  const { current, profiles } = await readConnections(call.world);
  const name = connectionName(call, current);
  const connection = profiles[name];
  if (connection === undefined && name !== current) {
    const known = Object.keys(profiles).join(', ');
    throw usage(`There is no connection "${name}".`, known === '' ? 'Run "cordon login".' : `There are: ${known}.`);
  }
  return connection;
}

async function caFrom(world: World): Promise<string | undefined> {
  const path = nonEmpty(world.env['CORDON_CA']);
  if (path === undefined) return undefined;
  return readFile(path, 'utf8').catch(unusable(`${path}, which CORDON_CA names, cannot be read`, 'Correct CORDON_CA.'));
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
