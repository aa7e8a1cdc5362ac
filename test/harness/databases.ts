/** The databases that tests run on: a fresh one per test, of each kind. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { inject } from 'vitest';

export interface FreshDatabase {
  /** For `openDatabase` and `CORDON_DATABASE`. */
  readonly address: string;
  remove(): Promise<void>;
}

export interface DatabaseKind {
  readonly name: 'SQLite' | 'PostgreSQL';
  readonly make: () => Promise<FreshDatabase>;
}

/** For `describe.each`: SQLite always, PostgreSQL if it is installed. CI must have both. */
export function databaseKinds(): DatabaseKind[] {
  const postgres = inject('postgres');
  if (postgres === '' && process.env['CI'] === 'true')
    throw new Error('CI must install PostgreSQL; nothing is left out there.');
  const kinds: DatabaseKind[] = [{ name: 'SQLite', make: freshSqlite }];
  if (postgres !== '') kinds.push({ name: 'PostgreSQL', make: () => freshPostgres(postgres) });
  return kinds;
}

async function freshSqlite(): Promise<FreshDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'cordon-sqlite-'));
  return {
    address: join(directory, 'cordon.sqlite'),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

async function freshPostgres(maintenance: string): Promise<FreshDatabase> {
  const name = `cordon_${randomBytes(8).toString('hex')}`;
  await asMaintenance(maintenance, `create database ${name}`);
  return {
    address: maintenance.replace('/postgres?', `/${name}?`),
    remove: () => asMaintenance(maintenance, `drop database ${name} with (force)`),
  };
}

async function asMaintenance(address: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: address });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
