/** The master key: from the environment, or from a file only the server's user can read. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readIfThere, writePrivately } from './private-file.ts';

/** 32 bytes from `CORDON_MASTER_KEY` (base64), or from `master.key` in the data directory, created when missing. */
export async function masterKey(directory: string, fromEnvironment: string | undefined): Promise<Buffer> {
  if (fromEnvironment !== undefined) return keyFrom(fromEnvironment, 'CORDON_MASTER_KEY');
  const file = join(directory, 'master.key');
  const existing = await readIfThere(file);
  if (existing !== undefined) return keyFrom(existing, file);
  const made = randomBytes(32);
  await writePrivately(file, `${made.toString('base64')}\n`);
  return made;
}

function keyFrom(text: string, where: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== 32) throw new Error(`${where} holds ${key.length} bytes; a master key is 32 bytes in base64.`);
  return key;
}
