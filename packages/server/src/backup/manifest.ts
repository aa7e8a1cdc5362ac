/** What a backup says about itself, so that a restore refuses what cannot become a running server. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Sealer } from '../secrets/sealing.ts';

export interface Manifest {
  readonly format: 1;
  /** Of cordon-server. */
  readonly version: string;
  /** ISO 8601. */
  readonly at: string;
  readonly database: 'sqlite' | 'postgres';
  /** The copy of the database, in the folder of the backup. */
  readonly file: string;
  readonly sha256: string;
  /** `keyCheckOf` the master key. */
  readonly keyCheck: string;
  /** The node that made it: agents know their home by it. */
  readonly serverId: string;
}

export const manifestName = 'manifest.json';

/** Differs for each master key, and says nothing about it. */
export function keyCheckOf(sealer: Sealer): string {
  return createHash('sha256').update(sealer.derive('backup')).digest('hex');
}

export async function sha256Of(file: string): Promise<string> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(file), digest);
  return digest.digest('hex');
}

/** Throws an Error for a folder that is no backup, or one of a later format. */
export async function readManifest(folder: string): Promise<Manifest> {
  const value: unknown = JSON.parse(await readFile(join(folder, manifestName), 'utf8'));
  const { format, file, database } = Object(value);
  if (format !== 1 || typeof file !== 'string' || file.includes('/') || !['sqlite', 'postgres'].includes(database))
    throw new Error(`${join(folder, manifestName)} is of no backup that this version knows`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by `backup`; what is used of it was checked
  return value as Manifest;
}
