/** What a command on existing data needs: it must not make a new server where somebody mistyped a folder. */
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { readIfThere } from '../secrets/private-file.ts';
import { step } from '../start-failure.ts';
import { isEmpty } from './copy.ts';

export async function requireMasterKey({ data, masterKey }: Config): Promise<void> {
  const file = join(data, 'master.key');
  if (masterKey === undefined && (await readIfThere(file)) === undefined)
    throw new Error(`there is no master key: ${file} is missing, and CORDON_MASTER_KEY is not set`);
}

/** Throws a StartFailure when there is no server in these settings. */
export async function requireServer(config: Config): Promise<void> {
  const there = {
    failure: `There is no server here (CORDON_DATA is ${config.data})`,
    hint: 'Set CORDON_DATA and CORDON_DATABASE as the server has them, and run this as its user.',
  };
  await step(there, async () => {
    await requireMasterKey(config);
    if (await isEmpty(config.database)) throw new Error('there is no data in its database');
  });
}
