/** Starts the server of the quickstart, and sets up its starter application. */
import { join } from 'node:path';
import { Client, ConsoleClient } from '@cordon/sdk';
import { pinnedTransport } from '@cordon/sdk/node';
import type { Transport } from '@cordon/sdk';
import { readFirstRun, writeFirstRun } from './first-run.ts';
import type { FirstRun } from './first-run.ts';
import { Child } from './processes.ts';

const main = new URL('../packages/server/src/main.ts', import.meta.url).pathname;
const starterName = 'Starter application';
/** Enough time to type a request by hand (the guides' Python is pasted piece by piece). */
const starterTimeoutSeconds = 120;

export interface RunningServer {
  readonly child: Child;
  readonly url: string;
  readonly fingerprint: string;
}

/** Starts the server; resolves once it listens. */
export async function startServer(data: string, environment: Readonly<Record<string, string>>): Promise<RunningServer> {
  const log = join(data, 'server.log');
  let started: (facts: { url: string; fingerprint: string }) => void;
  const listening = new Promise<{ url: string; fingerprint: string }>((resolve) => {
    started = resolve;
  });
  const onLine = (line: string): void => {
    if (line.includes('"event":"listening"')) started(JSON.parse(line));
  };
  const command = process.execPath;
  const child = new Child({
    name: 'server',
    command,
    args: [main],
    log,
    onLine,
    environment: { ...environment, CORDON_DATA: data },
  });
  const failed = child.ended.then((how) => {
    const cause = child.errors === '' ? `${log} has the cause.` : child.errors;
    return Promise.reject(new Error(`The server ${how}.\n${cause}`));
  });
  return { child, ...(await Promise.race([listening, failed])) };
}

/** The identities with which the quickstart talks to its server. */
export interface Access {
  readonly firstRun: Required<Omit<FirstRun, 'practiceAgent'>> & FirstRun;
  readonly console: ConsoleClient;
  readonly client: Client;
}

/** Signs in, and creates the starter application unless an earlier start did. */
export async function prepareAccess(data: string, server: RunningServer): Promise<Access> {
  const transport = pinnedTransport({ fingerprint: server.fingerprint });
  const kept = { ...(await readFirstRun(data)), url: server.url, fingerprint: server.fingerprint };
  const console = new ConsoleClient({ url: server.url, transport });
  await console.signIn(kept.admin.user, kept.admin.password);
  const keys = (await keptApplication(kept, transport)) ?? (await addStarter(console));
  const firstRun = { ...kept, ...keys };
  await writeFirstRun(data, firstRun);
  return { firstRun, console, client: new Client({ url: server.url, transport, ...keys }) };
}

interface Keys {
  readonly applicationId: string;
  readonly apiKey: string;
}

/** The application of an earlier start if it still works. An administrator may have removed or disabled it. */
async function keptApplication(kept: FirstRun, transport: Transport): Promise<Keys | undefined> {
  const { applicationId, apiKey, url } = kept;
  if (applicationId === undefined || apiKey === undefined) return undefined;
  const works = await new Client({ url, transport, applicationId, apiKey }).servers.list().then(
    () => true,
    () => false,
  );
  return works ? { applicationId, apiKey } : undefined;
}

async function addStarter(console: ConsoleClient): Promise<Keys> {
  const made = await console.applications.add({ name: starterName, timeoutSeconds: starterTimeoutSeconds });
  return { applicationId: made.application.id, apiKey: made.apiKey };
}
