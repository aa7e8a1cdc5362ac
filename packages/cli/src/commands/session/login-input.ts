/** Reads what a login sets up: from a new server's file, or from options, environment and prompts. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Invocation } from '../../command/command.ts';
import { usage } from '../../command/failure.ts';
import type { KeptConnection } from '../../connection/kept-connections.ts';

export interface LoginInput {
  readonly url: string;
  readonly fingerprint?: string | undefined;
  readonly application?: { readonly id: string; readonly key: string } | undefined;
  readonly admin?: { readonly user: string; readonly password: string } | undefined;
  /** A simulated endpoint for practice. */
  readonly practiceHost?: string | undefined;
}

/** `kept` is the present connection; options that are left out are taken from it. */
export async function readInput(call: Invocation, kept: KeptConnection | undefined): Promise<LoginInput> {
  const file = call.option('from');
  return file === undefined ? fromOptions(call, kept) : fromFile(resolve(call.world.cwd, file));
}

async function fromOptions(call: Invocation, kept: KeptConnection | undefined): Promise<LoginInput> {
  const { env } = call.world;
  const url = call.option('url') ?? env['CORDON_URL'] ?? kept?.url ?? (await asked(call, 'url', 'URL of the server: '));
  const admin = call.option('admin');
  const lines = await stdinLines(call);
  const id = call.option('applicationId') ?? env['CORDON_APPLICATION_ID'];
  const needsApplication = id !== undefined || admin === undefined;
  const application = needsApplication ? await applicationOf(call, id, lines) : undefined;
  return {
    url,
    fingerprint: call.option('fingerprint') ?? env['CORDON_FINGERPRINT'],
    application,
    admin: admin === undefined ? undefined : { user: admin, password: await passwordOf(call, lines) },
  };
}

async function applicationOf(
  call: Invocation,
  given: string | undefined,
  lines: string[],
): Promise<{ id: string; key: string }> {
  const id = given ?? (await asked(call, 'application-id', 'Application ID: '));
  if (call.flag('apiKeyStdin')) return { id, key: nextLine(lines, 'API key') };
  const key = call.world.env['CORDON_API_KEY'] ?? '';
  if (key !== '') return { id, key };
  if (!call.world.input.isTerminal) {
    throw usage(
      'The API key is missing.',
      'Set CORDON_API_KEY, or add --api-key-stdin and write it to standard input.',
    );
  }
  return { id, key: (await call.world.input.askSecret('API key (not shown): ')).trim() };
}

async function passwordOf(call: Invocation, lines: string[]): Promise<string> {
  if (call.flag('passwordStdin')) return nextLine(lines, 'password');
  if (!call.world.input.isTerminal) {
    throw usage('The password is missing.', 'Add --password-stdin and write it to standard input.');
  }
  return call.world.input.askSecret('Password (not shown): ');
}

async function stdinLines(call: Invocation): Promise<string[]> {
  if (!call.flag('apiKeyStdin') && !call.flag('passwordStdin')) return [];
  return (await call.world.input.readAll()).split(/\r?\n/);
}

function nextLine(lines: string[], what: string): string {
  const line = lines.shift() ?? '';
  if (line !== '') return line;
  throw usage(
    `Standard input has no line with the ${what}.`,
    'Write the API key first and the password after it, a line each.',
  );
}

async function asked(call: Invocation, option: string, question: string): Promise<string> {
  if (!call.world.input.isTerminal) throw usage(`--${option} is missing.`, 'Run "cordon login --help".');
  return (await call.world.input.ask(question)).trim();
}

async function fromFile(path: string): Promise<LoginInput> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw usage(`${path} cannot be read.`, 'The server writes it when it starts for the first time; check the path.');
  });
  const input = readFirstRun(text);
  if (input !== undefined) return input;
  throw usage(
    `${path} is not the file that a new server writes.`,
    'Start the server again, or use the options instead.',
  );
}

function readFirstRun(text: string): LoginInput | undefined {
  const file = recordOf(parsed(text));
  const [admin, practice] = [recordOf(file['admin']), recordOf(file['practiceAgent'])];
  const { url, fingerprint, applicationId, apiKey } = file;
  const { user, password } = admin;
  const application =
    typeof applicationId === 'string' && typeof apiKey === 'string' ? { id: applicationId, key: apiKey } : undefined;
  const person = typeof user === 'string' && typeof password === 'string' ? { user, password } : undefined;
  // A server alone writes only an administrator; the quickstart adds an application.
  if (typeof url !== 'string' || (application === undefined && person === undefined)) return undefined;
  return {
    url,
    fingerprint: typeof fingerprint === 'string' ? fingerprint : undefined,
    application,
    admin: person,
    practiceHost: typeof practice['host_name'] === 'string' ? practice['host_name'] : undefined,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Reported as a file of another kind.
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
