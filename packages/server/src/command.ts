/** The cordon-server command: runs one server until stopped, or resets the administrator. */
import { join } from 'node:path';
import { openApp } from './app.ts';
import type { App, AppOptions } from './app.ts';
import { readConfig } from './config.ts';
import { endWithParent } from './parent.ts';
import { version } from './version.ts';
import { startFailureText, step } from './start-failure.ts';
import { writePrivately } from './secrets/private-file.ts';

const usage = `cordon-server ${version}

  cordon-server               run the server; settings come from the environment (docs/operating/server.md)
  cordon-server reset-admin   give the account "admin" a new password, print it, and end
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
  if (rest.length > 0 || (command !== undefined && command !== 'reset-admin')) {
    process.stderr.write(usage);
    process.exit(2);
  }
  const config = await step(settings, () => readConfig(process.env));
  const app = await openApp(
    command === 'reset-admin'
      ? { ...config, listen: { host: '127.0.0.1', port: 0 }, gatewayListen: undefined, consoleListen: undefined }
      : config,
    options,
  );
  if (command === 'reset-admin') {
    const { user, password } = await app.accounts.resetAdministrator();
    process.stdout.write(`${JSON.stringify({ user, password })}\n`);
    return app.close();
  }
  await firstRun(app, config.data);
  // Before anybody can know that the server runs, and stop it.
  stopOnSignal(app);
  say({ event: 'listening', url: app.url, console: app.consoleUrl, fingerprint: app.certificate.fingerprint, version });
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
