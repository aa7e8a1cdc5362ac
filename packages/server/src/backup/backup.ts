/** `cordon-server backup` and `restore`: the database with what a restored node needs. The master key is kept apart. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { masterKey } from '../secrets/master-key.ts';
import { writePrivately } from '../secrets/private-file.ts';
import { Sealer } from '../secrets/sealing.ts';
import { keepServerId, serverId } from '../servers/servers.ts';
import { step } from '../start-failure.ts';
import { version } from '../version.ts';
import type { Config } from '../config.ts';
import { copyIn, copyOut, isEmpty, kindOf } from './copy.ts';
import { keyCheckOf, manifestName, readManifest, sha256Of } from './manifest.ts';
import type { Manifest } from './manifest.ts';
import { requireMasterKey } from './required.ts';

/** Writes into `folder`, which must be new or empty. Returns what the administrator must know. */
export async function backUp(config: Config, folder: string): Promise<string> {
  const place = {
    failure: `The backup cannot be written to ${folder}`,
    hint: 'Name a new or empty folder that the user of the server may write to.',
  };
  return step(place, async () => {
    await requireMasterKey(config);
    const sealer = new Sealer(await masterKey(config.data, config.masterKey));
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if ((await readdir(folder)).length > 0) throw new Error('it is not empty');
    const kind = kindOf(config.database);
    const file = kind === 'sqlite' ? 'cordon.sqlite' : 'cordon.dump';
    await copyOut(config.database, join(folder, file));
    const manifest: Manifest = {
      format: 1,
      version,
      at: new Date().toISOString(),
      database: kind,
      file,
      sha256: await sha256Of(join(folder, file)),
      keyCheck: keyCheckOf(sealer),
      serverId: await serverId(config.data),
    };
    // Last: a folder without it is no backup.
    await writePrivately(join(folder, manifestName), `${JSON.stringify(manifest, undefined, 2)}\n`);
    const key = config.masterKey === undefined ? join(config.data, 'master.key') : 'CORDON_MASTER_KEY';
    const company = config.tls === undefined ? '' : ` So must your certificate with its key (${config.tls.key}).`;
    return `Backed up to ${folder}. It is of use with the master key only (${key}): keep that somewhere else.${company}`;
  });
}

/** Into a new data directory and an empty database; nothing is left behind when it fails before the copy is complete. */
export async function restore(config: Config, folder: string): Promise<string> {
  const place = {
    failure: `The backup ${folder} cannot be restored`,
    hint: 'It needs an empty database (CORDON_DATABASE), and the master key that it was made with (CORDON_MASTER_KEY, or master.key in CORDON_DATA).',
  };
  return step(place, async () => {
    const manifest = await readManifest(folder);
    const file = join(folder, manifest.file);
    if ((await sha256Of(file)) !== manifest.sha256) throw new Error(`${file} is damaged: its SHA-256 is another one`);
    if (kindOf(config.database) !== manifest.database)
      throw new Error(`it is of ${manifest.database}, and CORDON_DATABASE names ${kindOf(config.database)}`);
    await requireMasterKey(config);
    const sealer = new Sealer(await masterKey(config.data, config.masterKey));
    if (keyCheckOf(sealer) !== manifest.keyCheck) throw new Error('it was made with another master key');
    if (!(await isEmpty(config.database))) throw new Error('the database is not empty');
    try {
      await copyIn(file, config.database);
    } catch (error) {
      if (manifest.database === 'sqlite') await rm(config.database, { force: true });
      throw error;
    }
    await keepServerId(config.data, manifest.serverId);
    return `Restored the backup of ${manifest.at} (cordon-server ${manifest.version}). Check it with "cordon-server check", then start the server: its agents come back by themselves.`;
  });
}
