/** What every room builds on: data directory, keys, certificate and database. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { PasswordCost } from './accounts/passwords.ts';
import type { Config } from './config.ts';
import { openDatabase } from './database/database.ts';
import type { Database } from './database/database.ts';
import { Events } from './events/events.ts';
import type { Publish } from './events/events.ts';
import { openCertificate } from './certificate/open.ts';
import type { PublicKeyPins } from './certificate/pins.ts';
import type { ServerCertificate } from './secrets/server-certificate.ts';
import { masterKey } from './secrets/master-key.ts';
import { signingKey } from './secrets/signing-key.ts';
import type { SigningKey } from './secrets/signing-key.ts';
import { Sealer } from './secrets/sealing.ts';
import { serverId } from './servers/servers.ts';
import { step } from './start-failure.ts';
import type { Step } from './start-failure.ts';

/** What the rooms build on. */
export interface Base {
  readonly config: Config;
  readonly database: Database;
  readonly certificate: ServerCertificate;
  readonly pins: PublicKeyPins;
  readonly key: SigningKey;
  readonly sealer: Sealer;
  readonly serverId: string;
  readonly passwordCost: PasswordCost;
  readonly now: () => number;
  readonly events: Events;
  readonly publish: Publish;
}

/** Keys, certificate and database, created at the first start. */
export async function openBase(config: Config, options: Pick<Base, 'now' | 'passwordCost'>): Promise<Base> {
  const sealer = new Sealer(await keyIn(config));
  const database = await step(databaseOf(config), () => openDatabase(config.database));
  const key = await step(sealedIn(config), () => signingKey(database, sealer));
  const { certificate, pins } = await openCertificate({ config, database, sealer, now: options.now });
  const events = new Events();
  const { publish } = events;
  return {
    config,
    database,
    certificate,
    pins,
    key,
    sealer,
    serverId: await serverId(config.data),
    ...options,
    events,
    publish,
  };
}

async function keyIn({ data, masterKey: given }: Config): Promise<Buffer> {
  const directory = {
    failure: `The data directory ${data} (CORDON_DATA) cannot be used`,
    hint: 'Set CORDON_DATA to a folder that the user of the server owns.',
  };
  await step(directory, () => makeFolder(data));
  const key = {
    failure: 'The master key cannot be used',
    hint:
      'Use the key that the data was sealed with. A new server takes a new one, "openssl rand -base64 32" ' +
      'in CORDON_MASTER_KEY; without that variable it creates its own.',
  };
  return step(key, () => masterKey(data, given));
}

function databaseOf({ database }: Config): Step {
  const shown = URL.canParse(database) ? withoutPassword(new URL(database)) : database;
  return {
    failure: `The database ${shown} (CORDON_DATABASE) cannot be opened`,
    hint: 'Check CORDON_DATABASE, that the database is running, and that the server may use it.',
  };
}

function withoutPassword(url: URL): string {
  url.password = '';
  url.search = '';
  return url.href;
}

function sealedIn({ data }: Config): Step {
  return {
    failure: 'The signing key in the database cannot be read',
    hint: `Use the master key that this database was created with, in CORDON_MASTER_KEY or ${data}/master.key.`,
  };
}

/** Like `mkdir -p`. Node's own never ends under /proc, where a folder can never be made. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await mkdir(path, { mode: 0o700 });
  }
}
