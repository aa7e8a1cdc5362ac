/** The command that sets up a connection, and saves it only once the server accepts its credentials. */
import { Client, ConsoleClient, RefusedError, parseBaseUrl } from '@cordon/sdk';
import { parseFingerprint } from '@cordon/sdk/node';
import { yesOption } from '../../command/command.ts';
import type { Command, Invocation } from '../../command/command.ts';
import { connectionName, transportFor } from '../../connection/connection.ts';
import { usage } from '../../command/failure.ts';
import { readConnections, writeConnections } from '../../connection/kept-connections.ts';
import type { KeptConnection, KeptConnections } from '../../connection/kept-connections.ts';
import { moment, printable } from '../../text/text.ts';
import { trustOf } from './trust.ts';
import { readInput } from './login-input.ts';
import type { LoginInput } from './login-input.ts';

export const commands: readonly Command[] = [
  {
    name: 'login',
    summary: 'Set up a connection to a server and check it.',
    options: [
      ['--url <url>', 'The server, like https://cordon.example:8443.'],
      ['--application-id <id>', 'The application ID. Its key comes from CORDON_API_KEY, standard input or a prompt.'],
      ['--api-key-stdin', 'Read the API key from the first line of standard input.'],
      ['--fingerprint <hex>', 'Trust the certificate with this SHA-256; the server prints it.'],
      ['--first-use', 'Show the certificate of the server, ask, and trust it from then on.'],
      ['--ca <file>', 'Trust certificates signed by the CA in this PEM file.', { values: 'file' }],
      ['--admin <user>', 'Also sign in to the console, for commands marked "Cordon only".'],
      ['--code <code>', 'Second-factor code; prompted for if the account needs one.'],
      ['--password-stdin', 'Read the password from the (next) line of standard input.'],
      ['--from <file>', 'Read all of this from the file that a new server writes.', { values: 'file' }],
      yesOption,
    ],
    example: 'cordon login --from data/first-run.json',
    run: login,
  },
];

async function login(call: Invocation): Promise<void> {
  const kept = await readConnections(call.world);
  const name = connectionName(call, kept.current);
  const input = await readInput(call, kept.profiles[name]);
  const trust = await trustOf(call, input);
  const session = input.admin === undefined ? undefined : await signIn(call, input, { admin: input.admin, trust });
  if (input.application !== undefined) await check(call, input, trust);
  const before = sameServer(kept.profiles[name], input.url);
  const connection = {
    url: input.url,
    fingerprint: trust.fingerprint,
    ca: trust.ca,
    applicationId: input.application?.id ?? before?.applicationId,
    apiKey: input.application?.key ?? before?.apiKey,
    session: session ?? before?.session,
    audit: before?.audit,
  };
  await writeConnections(call.world, withConnection(kept, name, connection));
  printConnection(call, name, { input, connection });
}

type Trust = Pick<KeptConnection, 'fingerprint' | 'ca'>;

/** A signed request that every server answers, even without agents. */
async function check(call: Invocation, input: LoginInput, trust: Trust): Promise<void> {
  const { application, url } = input;
  if (application === undefined) return;
  const transport = transportFor({ url, ...trust });
  const client = new Client({
    url,
    applicationId: application.id,
    apiKey: application.key,
    transport,
    now: call.world.now,
  });
  await client.servers.list({}, { signal: call.world.signal });
}

async function signIn(
  call: Invocation,
  input: LoginInput,
  { admin, trust }: { admin: NonNullable<LoginInput['admin']>; trust: Trust },
): Promise<KeptConnection['session']> {
  const client = new ConsoleClient({ url: input.url, transport: transportFor({ url: input.url, ...trust }) });
  const given = call.option('code');
  const { token, user, expiresAt } = await client
    .signIn(admin.user, admin.password, given)
    .catch(async (error: unknown) => {
      if (!(error instanceof RefusedError && error.word === 'code-required')) throw error;
      if (!call.world.input.isTerminal) throw usage('The account has a second factor.', 'Add --code with its code.');
      const code = await call.world.input.ask('Code from your authenticator, or a recovery code: ');
      return client.signIn(admin.user, admin.password, code.trim());
    });
  return { token, user, expiresAt };
}

/** Signing in to the console must not lose the existing key, nor the reverse. */
function sameServer(connection: KeptConnection | undefined, url: string): KeptConnection | undefined {
  if (connection === undefined) return undefined;
  return parseBaseUrl(connection.url).href === parseBaseUrl(url).href ? connection : undefined;
}

function withConnection(kept: KeptConnections, name: string, connection: KeptConnection): KeptConnections {
  return { current: name, profiles: { ...kept.profiles, [name]: connection } };
}

function printConnection(
  call: Invocation,
  name: string,
  { input, connection }: { input: LoginInput; connection: KeptConnection },
): void {
  const lines = [`Connected to ${connection.url}, saved as connection "${name}".`];
  if (connection.fingerprint !== undefined) lines.push(`Certificate     ${parseFingerprint(connection.fingerprint)}`);
  if (input.application !== undefined) lines.push(`Application ID  ${printable(input.application.id)}`);
  if (input.admin !== undefined && connection.session !== undefined) {
    lines.push(`Console         ${printable(connection.session.user)}, until ${moment(connection.session.expiresAt)}`);
  }
  lines.push('', `Next: ${nextStep(input, connection)}`);
  const value = {
    connection: name,
    url: connection.url,
    fingerprint: connection.fingerprint ?? null,
    applicationId: connection.applicationId ?? null,
    admin: connection.session?.user ?? null,
  };
  call.print(value, `${lines.join('\n')}\n`);
}

function nextStep(input: LoginInput, connection: KeptConnection): string {
  if (input.practiceHost !== undefined) return `cordon agents isolate ${printable(input.practiceHost)} --wait`;
  return connection.apiKey === undefined ? 'cordon apps add <name>' : 'cordon agents list';
}
