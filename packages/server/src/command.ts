/** The cordon-server command: runs one server until stopped, or does one thing to its data and ends. */
import { join } from 'node:path';
import { openApp } from './app.ts';
import type { App, AppOptions } from './app.ts';
import { productionPasswordCost } from './accounts/passwords.ts';
import { openBase } from './base.ts';
import { renewCertificate } from './certificate/renewal.ts';
import { readConfig } from './config.ts';
import type { Config } from './config.ts';
import { endWithParent } from './parent.ts';
import { version } from './version.ts';
import { startFailureText, step } from './start-failure.ts';
import { writePrivately } from './secrets/private-file.ts';

const usage = `cordon-server ${version}

  cordon-server               run the server; settings come from the environment (docs/operating/server.md)
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
  const [command, ...rest] = args;
  if (command === 'renew-certificate') return renew(rest, options);
  if (rest.length > 0 || (command !== undefined && command !== 'reset-admin')) return explain();
  const config = await step(settings, () => readConfig(process.env));
  if (command === 'reset-admin') return resetAdministrator(config, options);
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

/** Beside a running server, or without one. */
async function renew(args: readonly string[], { passwordCost = productionPasswordCost }: AppOptions): Promise<void> {
  const config = await step(settings, () => readConfig(process.env));
  const base = await openBase(config, { now: Date.now, passwordCost });
  try {
    const { text, done } = await renewCertificate(base, args);
    (done ? process.stdout : process.stderr).write(`${text}\n`);
    if (!done) process.exitCode = 1;
  } finally {
    await base.database.close();
  }
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
