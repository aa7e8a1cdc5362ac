/** What a command on existing data needs: it must not make a new server where somebody mistyped a folder. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { isEmpty } from './copy.ts';

export async function requireMasterKey({ data, masterKey }: Config): Promise<void> {
  const file = join(data, 'master.key');
  if (masterKey === undefined && !(await isThere(file)))
    throw new Error(`there is no master key: ${file} is missing, and CORDON_MASTER_KEY is not set`);
}

export async function requireDatabase({ database }: Config): Promise<void> {
  if (await isEmpty(database)) throw new Error('there is no data in it');
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
