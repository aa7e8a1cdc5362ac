/** A throw-away PostgreSQL cluster for one test run: the real server, on a socket in a temporary directory. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** `postgres://…` of the cluster's maintenance database; empty where PostgreSQL is not installed. */
    postgres: string;
  }
}

const user = 'postgres';

export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const cluster = await startCluster();
  project.provide('postgres', cluster?.address ?? '');
  if (cluster !== undefined) return cluster.stop;
  console.warn('Skipped: the tests on PostgreSQL; it is not installed (Debian: apt-get install postgresql).');
  return undefined;
}

export interface Cluster {
  /** The address of its maintenance database. */
  readonly address: string;
  /** Makes an empty database; returns its address. */
  readonly database: (name: string) => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** Undefined where PostgreSQL is not installed. */
export async function startCluster(): Promise<Cluster | undefined> {
  const programs = findPrograms();
  if (programs === undefined) return undefined;
  const directory = mkdtempSync(join(tmpdir(), 'cordon-postgres-'));
  // The server refuses to run as root; the package made a user for it.
  const identity = process.getuid?.() === 0 ? identityOf(user) : {};
  if (identity.uid !== undefined && identity.gid !== undefined) chownSync(directory, identity.uid, identity.gid);
  initialise(programs, join(directory, 'data'), identity);
  const server = start(programs, directory, identity);
  const address = `postgres://${user}@localhost/postgres?host=${encodeURIComponent(directory)}`;
  await ready(programs, directory, server);
  return {
    address,
    database: async (name) => {
      const client = new Client({ connectionString: address });
      await client.connect();
      await client.query(`create database ${name}`);
      await client.end();
      return address.replace('/postgres?', `/${name}?`);
    },
    stop: async () => {
      server.kill('SIGINT');
      if (server.exitCode === null) await new Promise((resolve) => server.once('exit', resolve));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

interface Identity {
  readonly uid?: number;
  readonly gid?: number;
}

function findPrograms(): string | undefined {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(base, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
}

function identityOf(name: string): Identity {
  const { stdout } = spawnSync('getent', ['passwd', name], { encoding: 'utf8' });
  const [, , uid, gid] = stdout.split(':');
  if (uid === undefined || gid === undefined)
    throw new Error(`There is no user "${name}"; Debian's postgresql makes one.`);
  return { uid: Number(uid), gid: Number(gid) };
}

function initialise(programs: string, data: string, identity: Identity): void {
  const args = ['-D', data, '-U', user, '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  const made = spawnSync(join(programs, 'initdb'), args, { ...identity, cwd: '/', encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
}

function start(programs: string, directory: string, identity: Identity): ChildProcess {
  const settings = [
    'listen_addresses=',
    `unix_socket_directories=${directory}`,
    'max_connections=200',
    // The cluster ends with the run, and no test cuts its power: nothing needs to reach the disk.
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
  ];
  const args = ['-D', join(directory, 'data'), ...settings.flatMap((setting) => ['-c', setting])];
  const command = [join(programs, 'postgres'), ...args];
  // It would outlive a test run that is killed.
  const [program = '', ...rest] =
    process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'INT', ...command] : command;
  return spawn(program, rest, { ...identity, cwd: '/', stdio: 'ignore' });
}

async function ready(programs: string, directory: string, server: ChildProcess): Promise<void> {
  for (let polls = 0; polls < 600; polls += 1) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL ended with code ${server.exitCode} before it was ready.`);
    const asked = spawnSync(join(programs, 'pg_isready'), ['-q', '-h', directory], { cwd: '/' });
    if (asked.status === 0) return;
    await setTimeout(50);
  }
  throw new Error('PostgreSQL was not ready within 30 s.');
}
