/** The cordon-server command: runs one server until stopped, or does one thing to its data and ends. */
import { join } from 'node:path';
import { openApp } from './app.ts';
import type { App, AppOptions } from './app.ts';
import { productionPasswordCost } from './accounts/passwords.ts';
import { backUp, restore } from './backup/backup.ts';
import { checkData } from './backup/check.ts';
import { requireServer } from './backup/required.ts';
import { openBase } from './base.ts';
import type { Base } from './base.ts';
import { readRenewal, renewCertificate } from './certificate/renewal.ts';
import type { Renewal } from './certificate/renewal.ts';
import { readConfig } from './config.ts';
import type { Config } from './config.ts';
import { endWithParent } from './parent.ts';
import { version } from './version.ts';
import { startFailureText, step } from './start-failure.ts';
import { writePrivately } from './secrets/private-file.ts';

const usage = `cordon-server ${version}

  cordon-server               run the server; settings come from the environment (docs/operating/server.md)
  cordon-server check         say whether database, keys and certificate fit together, and verify the audit log
  cordon-server backup FOLDER
                              copy the database of a running or stopped server into a new folder
  cordon-server restore FOLDER
                              bring a backup back, into an empty database
  cordon-server reset-admin   give the account "admin" a new password, print it, and end
  cordon-server renew-certificate [--new-key [--force] | --announce FILE | --forget-old]
                              renew the self-made certificate, change its key, or announce the key of your next one
`;

const settings = { failure: 'A setting is wrong', hint: 'docs/operating/server.md lists all settings.' };

export async function runCommand(args: readonly string[], options: AppOptions = {}): Promise<void> {
  try {
    await run(args, options);
  } catch (error) {
    process.stderr.write(startFailureText(error));
    // Anything opened before the failure would keep the process alive.
    process.exit(1);
  }
}

async function run(args: readonly string[], options: AppOptions): Promise<void> {
  // Every file created from here on, the database's own included, is for this user alone.
  process.umask(0o077);
  // The parent may have exited, and the other end of our output with it; that must not prevent an orderly stop.
  process.stdout.on('error', () => {});
  const [name, ...rest] = args;
  const command = name === undefined ? serve : commands.get(name)?.(rest);
  if (command === undefined) return explain();
  await command(await step(settings, () => readConfig(process.env)), options);
}

type Command = (config: Config, options: AppOptions) => Promise<void>;

/** By name: what these arguments ask for; undefined when the command does not take them. */
const commands = new Map<string, (args: readonly string[]) => Command | undefined>([
  ['check', (args) => (args.length === 0 ? checkServer : undefined)],
  ['backup', (args) => withFolder(args, backUp)],
  ['restore', (args) => withFolder(args, restore)],
  ['reset-admin', (args) => (args.length === 0 ? resetAdministrator : undefined)],
  [
    'renew-certificate',
    (args) => {
      const renewal = readRenewal(args);
      return renewal && ((config, options) => renew(config, options, renewal));
    },
  ],
]);

function withFolder(
  [folder, ...more]: readonly string[],
  work: (config: Config, folder: string) => Promise<string>,
): Command | undefined {
  if (folder === undefined || more.length > 0) return undefined;
  return async (config) => print(await work(config, folder));
}

async function serve(config: Config, options: AppOptions): Promise<void> {
  const app = await openApp(config, options);
  await firstRun(app, config.data);
  // Before anybody can know that the server runs, and stop it.
  stopOnSignal(app);
  const { fingerprint, publicKeyPin } = app.certificate;
  say({ event: 'listening', url: app.url, console: app.consoleUrl, fingerprint, publicKeyPin, version });
}

function explain(): never {
  process.stderr.write(usage);
  process.exit(2);
}

async function resetAdministrator(config: Config, options: AppOptions): Promise<void> {
  const quiet = { listen: { host: '127.0.0.1', port: 0 }, gatewayListen: undefined, consoleListen: undefined };
  const app = await openApp({ ...config, ...quiet }, options);
  const { user, password } = await app.accounts.resetAdministrator();
  process.stdout.write(`${JSON.stringify({ user, password })}\n`);
  return app.close();
}

const renewing = {
  failure: 'The certificate could not be renewed',
  hint: '"cordon-server check" says which one is in use now.',
};

/** Beside a running server, or without one. */
async function renew(config: Config, options: AppOptions, renewal: Renewal): Promise<void> {
  await withBase(config, options, async (base) => {
    const { text, done } = await step(renewing, () => renewCertificate(base, renewal));
    if (done) return print(text);
    process.stderr.write(`${text}\n`);
    process.exitCode = 1;
  });
}

async function checkServer(config: Config, options: AppOptions): Promise<void> {
  await withBase(config, options, async (base) => {
    const { text, isSound } = await checkData(base);
    print(text);
    if (!isSound) process.exitCode = 1;
  });
}

/** Of a server that is there already: a mistyped folder makes none. */
async function withBase(
  config: Config,
  { passwordCost = productionPasswordCost }: AppOptions,
  work: (base: Base) => Promise<void>,
): Promise<void> {
  await requireServer(config);
  const base = await openBase(config, { now: Date.now, passwordCost });
  try {
    await work(base);
  } finally {
    await base.database.close();
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** On a new database: writes the administrator's password to a file only the owner can read. */
async function firstRun(app: App, data: string): Promise<void> {
  const admin = await app.accounts.firstAdministrator();
  if (admin === undefined) return;
  const file = join(data, 'first-run.json');
  const { fingerprint } = app.certificate;
  await writePrivately(file, `${JSON.stringify({ url: app.consoleUrl, fingerprint, admin }, undefined, 2)}\n`);
  say({ event: 'first-run', file });
}

function stopOnSignal(app: App): void {
  let stopping = false;
  const stop = (why: string): void => {
    if (stopping) return;
    stopping = true;
    say({ event: 'stopping', why });
    app.close().then(
      () => process.exit(0),
      (error: unknown) => {
        say({ event: 'stop-failed', error: String(error) });
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(signal));
  endWithParent(() => stop('the parent process is gone'));
}

/** Writes one line of JSON per fact on standard output, for the parent. */
function say(facts: object): void {
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), ...facts })}\n`);
}
