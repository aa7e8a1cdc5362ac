/** Keys on disk: created once, read again, private. */
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { masterKey } from './master-key.ts';
import { writePrivately } from './private-file.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cordon-secrets-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function modeOf(name: string): Promise<number> {
  return (await stat(join(directory, name))).mode & 0o777;
}

describe('a private file', () => {
  it('is readable by its owner alone, replaces what was there, and leaves no neighbour behind', async () => {
    const file = join(directory, 'secret');
    await writeFile(file, 'old', { mode: 0o644 });
    await writePrivately(file, 'new');
    expect(await readFile(file, 'utf8')).toBe('new');
    expect(await modeOf('secret')).toBe(0o600);
    expect(await readdir(directory)).toEqual(['secret']);
  });
});

describe('the master key', () => {
  it('is made once, kept to its owner, and read again', async () => {
    const made = await masterKey(directory, undefined);
    expect(made).toHaveLength(32);
    expect(await masterKey(directory, undefined)).toEqual(made);
    expect(await modeOf('master.key')).toBe(0o600);
  });

  it('from the environment is used, and written nowhere', async () => {
    const key = Buffer.alloc(32, 9);
    expect(await masterKey(directory, `${key.toString('base64')}\n`)).toEqual(key);
    expect(await readdir(directory)).toEqual([]);
  });

  it('of another length is refused with where it came from', async () => {
    await expect(masterKey(directory, 'c2hvcnQ=')).rejects.toThrow(
      'CORDON_MASTER_KEY holds 5 bytes; a master key is 32 bytes in base64.',
    );
    await writeFile(join(directory, 'master.key'), '');
    await expect(masterKey(directory, undefined)).rejects.toThrow('master.key holds 0 bytes');
  });
});
