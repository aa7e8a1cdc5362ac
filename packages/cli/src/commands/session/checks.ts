/** Checks what breaks integrations, ordered so that each depends only on earlier ones. */
import { stat } from 'node:fs/promises';
import { productServersPath } from '@cordon/protocol/words';
import { Client, ConsoleClient, CordonError, RefusedError, parseBaseUrl } from '@cordon/sdk';
import type { WireAnswer } from '@cordon/sdk';
import { peerCertificate } from '@cordon/sdk/node';
import { transportFor } from '../../connection/connection.ts';
import { hintOf, isAboutTrust } from '../../command/failure.ts';
import { connectionsPath } from '../../connection/kept-connections.ts';
import type { KeptConnection } from '../../connection/kept-connections.ts';
import { proxyFor } from '../../world/proxy.ts';
import { counted } from '../../text/text.ts';
import type { World } from '../../world/world.ts';

export interface CheckResult {
  /** `odd` works, but should be fixed; `broken` ends the checks. */
  readonly state: 'good' | 'odd' | 'broken' | 'skipped';
  readonly saw: string;
  /** What to do; empty if nothing. */
  readonly hint: string;
}

export interface Checked {
  readonly connection: KeptConnection;
  readonly world: World;
}

interface Check {
  readonly check: string;
  readonly run: (checked: Checked) => Promise<CheckResult>;
}

export const checks: readonly Check[] = [
  { check: 'file', run: file },
  { check: 'server', run: server },
  { check: 'tls', run: tls },
  { check: 'clock', run: clock },
  { check: 'key', run: key },
  { check: 'rights', run: rights },
];

const day = 86_400_000;

async function file({ world }: Checked): Promise<CheckResult> {
  const path = connectionsPath(world);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return good('No saved connection; all settings come from the environment.');
  const mode = found.mode & 0o777;
  if ((mode & 0o077) === 0) return good(`${path} is readable by its owner only.`);
  return {
    state: 'odd',
    saw: `${path} holds the API key and has mode ${mode.toString(8)}: other users can read it.`,
    hint: `Run "chmod 600 ${path}", and create a new key with "cordon apps rotate".`,
  };
}

/** Any answer proves name and port, even an untrusted certificate; a refusal needs no key. */
async function server({ connection }: Checked): Promise<CheckResult> {
  const { href, host } = parseBaseUrl(connection.url);
  try {
    await knock(connection);
  } catch (error) {
    if (!isAboutTrust(error)) return failed(error);
  }
  const proxy = proxyFor(href);
  const way = proxy === undefined ? '' : ` through the proxy ${new URL(proxy.url).host} (${proxy.variable})`;
  return good(`${host} answers${way}.`);
}

async function tls({ connection, world }: Checked): Promise<CheckResult> {
  const { href } = parseBaseUrl(connection.url);
  if (href.startsWith('http:')) return { state: 'odd', saw: 'No TLS: the server is this computer.', hint: '' };
  try {
    await knock(connection);
  } catch (error) {
    return failed(error);
  }
  const trust = connection.fingerprint === undefined ? 'an authority' : 'its fingerprint';
  if (proxyFor(href) !== undefined) return good(`The certificate is trusted by ${trust}.`);
  const { validTo } = await peerCertificate(href);
  const days = Math.floor((Date.parse(validTo) - world.now()) / day);
  const saw = `The certificate is trusted by ${trust}, and valid until ${validTo} (${counted(days, 'day')}).`;
  if (days >= 14) return good(saw);
  return { state: 'odd', saw, hint: 'Renew it on the server; clients that pin it need the new fingerprint.' };
}

async function clock({ connection, world }: Checked): Promise<CheckResult> {
  const before = world.now();
  const answer = await knock(connection);
  const after = world.now();
  const theirs = Date.parse(answer.header('date') ?? '');
  if (Number.isNaN(theirs)) return { state: 'odd', saw: 'The server does not send its time.', hint: '' };
  // Its Date header has whole seconds, so the true time is half a second later on average.
  const seconds = Math.round((before / 2 + after / 2 - theirs - 500) / 1000);
  if (Math.abs(seconds) <= 2) return good('The clocks of this computer and the server agree.');
  const saw = `The clock of this computer is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} that of the server.`;
  const refusal = await tooFarApart({ connection, world });
  // The limit is the application's communication time-out, which only the server knows, so the check asks it.
  if (refusal !== undefined)
    return { state: 'broken', saw: `${saw} ${refusal}`, hint: 'Synchronize both with a time server.' };
  const hint =
    'Synchronize both with a time server; requests are refused when they differ by more than the communication time-out.';
  return { state: 'odd', saw, hint };
}

/** The server's message if it refuses a signed request for its time; other failures do not matter here. */
async function tooFarApart({ connection, world }: Checked): Promise<string | undefined> {
  const client = clientOf({ connection, world });
  if (client === undefined) return undefined;
  try {
    await client.servers.list({}, { signal: world.signal });
    return undefined;
  } catch (error) {
    return error instanceof RefusedError && error.reasons.includes('token-expired') ? error.message : undefined;
  }
}

function clientOf({ connection, world }: Checked): Client | undefined {
  const { url, applicationId, apiKey } = connection;
  if (applicationId === undefined || apiKey === undefined) return undefined;
  return new Client({ url, applicationId, apiKey, transport: transportFor(connection), now: world.now });
}

async function key({ connection, world }: Checked): Promise<CheckResult> {
  const client = clientOf({ connection, world });
  if (client === undefined) {
    const hint = 'Run "cordon login --application-id <id>".';
    return { state: 'skipped', saw: 'There is no application ID and API key for this server.', hint };
  }
  try {
    const agents = await client.agents.list({}, { signal: world.signal });
    const able = agents.filter((agent) => agent.capabilities.includes('isolate')).length;
    return good(
      `The application ${connection.applicationId ?? ''} has access: it sees ${counted(agents.length, 'agent')} and can isolate ${able}.`,
    );
  } catch (error) {
    return failed(error);
  }
}

async function rights({ connection, world }: Checked): Promise<CheckResult> {
  const { url, session } = connection;
  const again = 'Run "cordon login --admin <user>" for commands marked "Cordon only".';
  if (session === undefined) return { state: 'skipped', saw: 'Not signed in to the console.', hint: again };
  if (session.expiresAt <= world.now()) {
    return { state: 'odd', saw: `The console session of ${session.user} has expired.`, hint: again };
  }
  try {
    const client = new ConsoleClient({ url, transport: transportFor(connection), session: session.token });
    const { user, role, scope } = await client.account.session();
    const where = scope.length === 0 ? '' : ` in ${scope.join(', ')}`;
    const until = new Date(session.expiresAt).toISOString();
    return good(`${user} is signed in to the console until ${until}, as ${role}${where}.`);
  } catch (error) {
    const refused = error instanceof RefusedError && error.httpStatus === 401;
    if (!refused) return failed(error);
    return { state: 'odd', saw: `The console session of ${session.user} has ended.`, hint: again };
  }
}

/** Calls without a token: any answer proves that the API is there. */
function knock(connection: KeptConnection): Promise<WireAnswer> {
  const { href } = parseBaseUrl(connection.url);
  return transportFor(connection)({ method: 'GET', url: href + productServersPath, headers: {} });
}

function good(saw: string): CheckResult {
  return { state: 'good', saw, hint: '' };
}

function failed(error: unknown): CheckResult {
  if (!(error instanceof CordonError)) throw error;
  return { state: 'broken', saw: error.message, hint: hintOf(error) };
}
