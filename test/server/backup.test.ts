/** A backup of a running server, restored on another machine: its agents come back, and nothing is restored by halves. */
import { execFile } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../packages/server/src/database/database.ts';
import { databaseKinds } from '../harness/databases.ts';
import type { FreshDatabase } from '../harness/databases.ts';
import { eventually } from '../harness/eventually.ts';
import { startServer } from '../harness/server.ts';
import { Site } from './site.ts';
import { send } from './wire.ts';

const main = fileURLToPath(new URL('../../packages/server/bin/cordon-server.mjs', import.meta.url));

/** `cordon-server` with these arguments: both outputs, and its exit code. */
async function run(
  args: readonly string[],
  environment: Record<string, string>,
): Promise<{ code: number; text: string }> {
  const env = { ...process.env, CORDON_ADVERTISE: '127.0.0.1:8443', ...environment };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, ...args], { env });
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = Object(error);
    return { code: Number(code), text: `${String(stdout)}${String(stderr)}` };
  }
}

describe.each(databaseKinds())('on $name', (kind) => {
  let folder: string;
  let database: FreshDatabase;
  let site: Site;
  let settings: Record<string, string>;
  const empties: FreshDatabase[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cordon-backup-'));
    database = await kind.make();
    site = await Site.open({ ...kind, make: async () => database });
    settings = { CORDON_DATA: site.server.data, CORDON_DATABASE: database.address };
  });

  afterAll(async () => {
    await site.close();
    for (const empty of empties) await empty.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Another machine: an empty database, and a data directory with the master key alone. */
  async function elsewhere(name: string): Promise<Record<string, string>> {
    const empty = await kind.make();
    empties.push(empty);
    const data = join(folder, name);
    mkdirSync(data);
    cpSync(join(site.server.data, 'master.key'), join(data, 'master.key'));
    return { CORDON_DATA: data, CORDON_DATABASE: empty.address };
  }

  it('is made while the server runs, and restored elsewhere: isolated agents come back, and stay so', async () => {
    const agent = await site.connected();
    await site.act('cmd_isolate_agent', { entity_id: agent.id });
    await agent.obey();
    const backup = join(folder, 'backup');
    expect(await run(['backup', backup], settings)).toMatchObject({
      code: 0,
      text: expect.stringContaining('It is of use with the master key only'),
    });
    // After the backup: exactly one order, which the restored database does not have.
    await site.act('cmd_restore_isolated_agent', { entity_id: agent.id });
    await agent.obey();
    const other = await elsewhere('other');
    expect(await run(['restore', backup], other)).toMatchObject({
      code: 0,
      text: expect.stringContaining('Restored the backup of 20'),
    });
    const checked = await run(['check'], other);
    expect(checked.code).toBe(0);
    expect(checked.text).toMatch(/audit log +\d+ lines, unbroken/);
    expect(checked.text).toMatch(/agents +1, 1 to be isolated/);
    const { CORDON_DATA: data = '', CORDON_DATABASE: address = '' } = other;
    const again = await startServer({ data, database: address, environment: { CORDON_ADVERTISE: '127.0.0.2:8443' } });
    try {
      expect(again.publicKeyPin).toBe(site.server.publicKeyPin);
      expect(readFileSync(join(data, 'server-id'), 'utf8')).toBe(
        readFileSync(join(site.server.data, 'server-id'), 'utf8'),
      );
      await agent.connect(again);
      expect(await agent.obey()).toMatchObject({ isolation: 'isolated' });
    } finally {
      await again.stop();
    }
  });

  it('is refused where there is something already, and by another master key, and when it is damaged', async () => {
    const backup = join(folder, 'second');
    await run(['backup', backup], settings);
    expect(await run(['backup', backup], settings)).toMatchObject({
      code: 1,
      text: expect.stringContaining('it is not empty'),
    });
    const refused = async (change: Record<string, string>, from = backup): Promise<string> => {
      const { code, text } = await run(['restore', from], change);
      expect(code).toBe(1);
      return text;
    };
    expect(await refused(settings)).toContain('the database is not empty');
    const other = await elsewhere('refusing');
    const key = Buffer.alloc(32, 7).toString('base64');
    expect(await refused({ ...other, CORDON_MASTER_KEY: key })).toContain('it was made with another master key');
    expect(await refused({ ...other, CORDON_DATA: join(folder, 'nowhere') })).toContain('there is no master key');
    const file = readdirSync(backup).find((name) => name.startsWith('cordon.')) ?? '';
    appendFileSync(join(backup, file), 'x');
    expect(await refused(other)).toContain('is damaged: its SHA-256 is another one');
    expect(existsSync(join(folder, 'refusing', 'server-id'))).toBe(false);
  });

  it('is no backup without a server: nothing is made where a folder is mistyped', async () => {
    const mistyped = { CORDON_DATA: join(folder, 'mistyped') };
    for (const args of [['backup', join(folder, 'third')], ['check']])
      expect(await run(args, mistyped)).toMatchObject({
        code: 1,
        text: expect.stringContaining('there is no master key'),
      });
    expect(existsSync(join(folder, 'mistyped'))).toBe(false);
  });

  it('is checked line by line: an audit log that was changed is found', async () => {
    const other = await elsewhere('changed');
    const backup = join(folder, 'to-be-changed');
    await run(['backup', backup], settings);
    await run(['restore', backup], other);
    const opened = await openDatabase(other['CORDON_DATABASE'] ?? '');
    await opened.write((tx) => tx.updateTable('audit').set({ actor: 'nobody' }).where('id', '=', 2).execute());
    await opened.close();
    expect(await run(['check'], other)).toMatchObject({ code: 1, text: expect.stringContaining('BROKEN') });
  });
});

const postgres = databaseKinds().find((kind) => kind.name === 'PostgreSQL');

// Left out without PostgreSQL: the file of SQLite cannot be taken away (postgres-cluster.ts says so once).
describe.skipIf(postgres === undefined)('the health of a server (left out where PostgreSQL is not installed)', () => {
  it('survives a connection that ends between two queries of a transaction', async () => {
    const fresh = await (postgres?.make() ?? Promise.reject(new Error('There is no PostgreSQL.')));
    const database = await openDatabase(fresh.address);
    const ended = database.write(async (tx) => {
      await tx.selectFrom('settings').selectAll().execute();
      await fresh.remove();
      // Time for the notice of its end to arrive while nothing is asked of the connection.
      await sleep(200);
      await tx.selectFrom('settings').selectAll().execute();
    });
    await expect(ended).rejects.toThrow(/connection/i);
    await database.close();
  });

  it('is 503 with the reason while its database is gone', async () => {
    const database = await (postgres?.make() ?? Promise.reject(new Error('There is no PostgreSQL.')));
    const server = await startServer({
      database: database.address,
      environment: { CORDON_ADVERTISE: '127.0.0.1:8443' },
    });
    expect((await send(server, { method: 'GET', path: '/healthz' })).status).toBe(200);
    await database.remove();
    const answer = await eventually('it is not well', async () => {
      const { status, text } = await send(server, { method: 'GET', path: '/healthz' });
      return status === 200 ? undefined : { status, body: JSON.parse(text) };
    });
    expect(answer).toMatchObject({ status: 503, body: { error: { reason: 'database-unavailable' } } });
    await server.stop();
  });
});
