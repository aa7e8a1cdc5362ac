/** Starts a real server as a process, and talks to it. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client, ConsoleClient } from '@cordon/sdk';
import { pinnedTransport } from '@cordon/sdk/node';
import type { Transport } from '@cordon/sdk';

const main = new URL('server-main.ts', import.meta.url).pathname;

export interface ServerOptions {
  /** Database address; a SQLite file in the data directory by default. */
  readonly database?: string;
  /** A data directory that outlives the server; a temporary one by default. */
  readonly data?: string;
  /** `127.0.0.1:0` by default. */
  readonly listen?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface TestServer {
  readonly url: string;
  readonly fingerprint: string;
  readonly publicKeyPin: string;
  readonly data: string;
  readonly pid: number;
  readonly transport: Transport;
  /** Resolves with the exit code or signal once it has ended. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Signed in as the first administrator. */
  console(): Promise<ConsoleClient>;
  /** Creates an application, and a client that uses it. */
  client(timeoutSeconds?: number): Promise<{ client: Client; applicationId: string; apiKey: string }>;
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Stops it gracefully, and removes a temporary data directory. */
  stop(): Promise<void>;
}

export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'cordon-server-')));
  const child = launch(data, options);
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.on('exit', (code, signal) => resolve(signal ?? code ?? -1));
  });
  const { url, fingerprint, publicKeyPin } = await listening(child);
  const transport = pinnedTransport({ fingerprint });
  const console = async (): Promise<ConsoleClient> => signIn(data, { url, transport });
  return {
    url,
    fingerprint,
    publicKeyPin,
    data,
    pid: child.pid ?? 0,
    transport,
    ended,
    console,
    client: async (timeoutSeconds = 120) => {
      const made = await (await console()).applications.add({ name: 'test', timeoutSeconds });
      const keys = { applicationId: made.application.id, apiKey: made.apiKey };
      return { client: new Client({ url, transport, ...keys }), ...keys };
    },
    kill: async (signal) => {
      child.kill(signal);
      await ended;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      if (options.data === undefined) await rm(data, { recursive: true, force: true });
    },
  };
}

function launch(data: string, options: ServerOptions): ChildProcess {
  return spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: {
      ...process.env,
      CORDON_DATA: data,
      CORDON_LISTEN: options.listen ?? '127.0.0.1:0',
      CORDON_LOG: 'warn',
      ...(options.database === undefined ? {} : { CORDON_DATABASE: options.database }),
      ...options.environment,
    },
  });
}

async function listening(child: ChildProcess): Promise<Pick<TestServer, 'url' | 'fingerprint' | 'publicKeyPin'>> {
  if (child.stdout === null) throw new Error('The server has no output.');
  for await (const line of createInterface({ input: child.stdout })) {
    const facts: unknown = line.startsWith('{') ? JSON.parse(line) : undefined;
    if (typeof facts !== 'object' || facts === null || !('event' in facts) || facts.event !== 'listening') continue;
    child.stdout.resume();
    const { url, fingerprint, publicKeyPin } = Object(facts);
    return { url: String(url), fingerprint: String(fingerprint), publicKeyPin: String(publicKeyPin) };
  }
  throw new Error(`The server ended with code ${child.exitCode} before it listened.`);
}

async function signIn(data: string, to: { url: string; transport: Transport }): Promise<ConsoleClient> {
  const { admin } = JSON.parse(await readFile(join(data, 'first-run.json'), 'utf8'));
  const console = new ConsoleClient(to);
  await console.signIn(String(admin.user), String(admin.password));
  return console;
}
