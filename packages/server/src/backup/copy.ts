/** Copies a whole database into a file, and back into an empty one. A running server is not disturbed. */
import { execFile } from 'node:child_process';
import { copyFile, stat } from 'node:fs/promises';
import { DatabaseSync, backup } from 'node:sqlite';
import { promisify } from 'node:util';
import { Client } from 'pg';

const run = promisify(execFile);
const mostOutput = 10_000_000;

export function kindOf(address: string): 'sqlite' | 'postgres' {
  return /^postgres(ql)?:\/\//.test(address) ? 'postgres' : 'sqlite';
}

/** As of one moment. */
export async function copyOut(address: string, file: string): Promise<void> {
  if (kindOf(address) === 'postgres') return postgresTool('pg_dump', address, ['--format=custom', `--file=${file}`]);
  const source = new DatabaseSync(address, { readOnly: true, timeout: 5000 });
  try {
    await backup(source, file);
  } finally {
    source.close();
  }
}

/** Into a database for which `isEmpty` holds. */
export async function copyIn(file: string, address: string): Promise<void> {
  if (kindOf(address) === 'sqlite') return copyFile(file, address);
  return postgresTool('pg_restore', address, ['--no-owner', '--single-transaction', '--exit-on-error', file]);
}

export async function isEmpty(address: string): Promise<boolean> {
  if (kindOf(address) === 'sqlite') return (await stat(address).catch(missing)) === undefined;
  const client = new Client({ connectionString: address });
  await client.connect();
  try {
    const found = await client.query("select 1 from pg_tables where schemaname = 'public' limit 1");
    return found.rows.length === 0;
  } finally {
    await client.end();
  }
}

/** The password goes by the environment: everybody can read the arguments of a process. */
async function postgresTool(program: string, address: string, args: readonly string[]): Promise<void> {
  const url = new URL(address);
  const password = decodeURIComponent(url.password);
  url.password = '';
  const env = password === '' ? process.env : { ...process.env, PGPASSWORD: password };
  try {
    await run(program, [`--dbname=${url.href}`, ...args], { env, maxBuffer: mostOutput });
  } catch (error) {
    const { code, stderr } = Object(error);
    if (code === 'ENOENT')
      throw new Error(`${program} is missing; install Debian's postgresql-client`, { cause: error });
    throw new Error(`${program}: ${String(stderr).trim()}`, { cause: error });
  }
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
