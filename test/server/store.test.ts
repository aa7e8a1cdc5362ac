/** The store, room by room, on both databases, with many requests at once. */
import { readdir } from 'node:fs/promises';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storePresence } from '../../packages/server/src/agents/table.ts';
import { Applications } from '../../packages/server/src/applications/applications.ts';
import { Audit } from '../../packages/server/src/audit/audit.ts';
import type { Actor } from '../../packages/server/src/audit/audit.ts';
import { openDatabase } from '../../packages/server/src/database/database.ts';
import type { Database } from '../../packages/server/src/database/database.ts';
import { migrate } from '../../packages/server/src/database/migrate.ts';
import type { Migration } from '../../packages/server/src/database/migration.ts';
import { firstRelease } from '../../packages/server/src/database/migrations/0001-first-release.ts';
import { shownKeys } from '../../packages/server/src/database/migrations/0002-shown-keys.ts';
import { Sealer } from '../../packages/server/src/secrets/sealing.ts';
import { SuspiciousObjects } from '../../packages/server/src/suspicious-objects/objects.ts';
import { databaseKinds } from '../harness/databases.ts';
import type { FreshDatabase } from '../harness/databases.ts';

const actor: Actor = { name: 'user:test', source: '127.0.0.1', requestId: 'r' };
const start = Date.UTC(2026, 0, 1);
const day = 24 * 3_600_000;

function countSettings(at: Database['read']): Promise<{ count: number } | undefined> {
  return at
    .selectFrom('settings')
    .select((one) => one.fn.countAll<number>().as('count'))
    .executeTakeFirst();
}

describe.each(databaseKinds())('on $name', (kind) => {
  let fresh: FreshDatabase;
  let database: Database;
  let audit: Audit;
  let now: number;
  const clock = (): number => now;

  beforeEach(async () => {
    fresh = await kind.make();
    database = await openDatabase(fresh.address);
    now = start;
    audit = new Audit(database, clock);
  });
  afterEach(async () => {
    await audit.close();
    await database.close();
    await fresh.remove();
  });

  function steps(...all: Migration[]): Promise<void> {
    return migrate(database.dialect, (work) => database.write(work), [firstRelease, shownKeys, ...all]);
  }

  async function exists(table: string): Promise<boolean> {
    try {
      await database.write((tx) => sql`select * from ${sql.table(table)}`.execute(tx));
      return true;
    } catch {
      return false; // There is no such table.
    }
  }

  function refuse(source: string): void {
    audit.refused(
      { name: 'stranger', source, requestId: 'r' },
      { act: 'request', target: 't', outcome: 'o', detail: 'd' },
    );
  }

  /** Fills the list directly, as many requests would. */
  async function fill(count: number, expiresAt: number | null = null): Promise<void> {
    await database.write(async (tx) => {
      for (let from = 0; from < count; from += 500) {
        const rows = Array.from({ length: Math.min(500, count - from) }, (_, index) => ({
          type: 'ip' as const,
          content: `10.0.${(from + index) >> 8}.${(from + index) & 255}`,
          notes: '',
          scan_action: 'log' as const,
          expires_at: from + index === 0 ? expiresAt : null,
          size: null,
          sha256: null,
          revision: from + index + 1,
          removed: 0 as const,
          added_at: start,
          changed_at: start,
        }));
        await tx.insertInto('suspicious_objects').values(rows).execute();
      }
      await tx.updateTable('counters').set({ value: count }).where('name', '=', 'objects').execute();
    });
  }

  async function storedPresence(): Promise<[string, number]> {
    const row = await database.read.selectFrom('presence').selectAll().executeTakeFirstOrThrow();
    return [row.server_id, row.connected];
  }

  describe('migrating', () => {
    const made: Migration = { name: '9001-made', statements: () => ['create table made (id integer)'] };
    const failing: Migration = {
      name: '9002-failing',
      statements: () => [
        'create table half (id integer)',
        'insert into half values (1)',
        'insert into nowhere values (1)',
      ],
    };
    it('runs each step once', async () => {
      await steps(made);
      await steps(made);
      expect(await exists('made')).toBe(true);
    });

    it('refuses a database that a newer version has used, and changes nothing', async () => {
      await steps(made);
      await expect(steps()).rejects.toThrow(
        'a newer version of cordon-server has used it: it has the migration 9001-made, and this version ends with 0002-shown-keys.',
      );
      expect(await exists('made')).toBe(true);
      await expect(openDatabase(fresh.address)).rejects.toThrow(/a newer version/);
    });

    it('rolls a failing step back whole, keeps those before it, and tries it again the next time', async () => {
      await expect(steps(made, failing)).rejects.toThrow(/nowhere/);
      expect([await exists('made'), await exists('half')]).toEqual([true, false]);
      const mended = { ...failing, statements: () => ['create table half (id integer)'] };
      await steps(made, mended);
      expect(await exists('half')).toBe(true);
    });

    it('may treat the databases differently: an index that only PostgreSQL has', async () => {
      await steps(made, {
        name: '9003-index',
        statements: ({ dialect }) => (dialect === 'postgres' ? ['create index made_hash on made using hash (id)'] : []),
      });
      const catalogue = kind.name === 'SQLite' ? sql.table('sqlite_master') : sql.table('pg_indexes');
      const column = sql.ref(kind.name === 'SQLite' ? 'name' : 'indexname');
      const found = await sql`select 1 from ${catalogue} where ${column} = 'made_hash'`.execute(database.read);
      expect(found.rows).toHaveLength(kind.name === 'SQLite' ? 0 : 1);
    });

    it('runs every migration in the folder, in the order of their numbers', async () => {
      const folder = new URL('../../packages/server/src/database/migrations/', import.meta.url);
      const files = (await readdir(folder)).map((file) => file.replace(/\.ts$/, '')).sort();
      const done = await sql<{ name: string }>`select name from migrations`.execute(database.read);
      expect(done.rows.map(({ name }) => name).sort()).toEqual(files);
      expect(new Set(files.map((file) => file.slice(0, 4))).size).toBe(files.length);
    });

    it('by several nodes that start at once happens once', async () => {
      const other = await kind.make();
      const opened = await Promise.all(Array.from({ length: 4 }, () => openDatabase(other.address)));
      const names = await Promise.all(
        opened.map((one) => sql<{ name: string }>`select name from migrations order by name`.execute(one.read)),
      );
      expect(names[0]?.rows[0]).toEqual({ name: '0001-first-release' });
      for (const { rows } of names) expect(rows).toEqual(names[0]?.rows);
      await Promise.all(opened.map((one) => one.close()));
      await other.remove();
    });
  });

  describe('rows that are locked for a change', () => {
    it('let another change wait, so that neither is lost', async () => {
      await database.write((tx) => tx.insertInto('settings').values({ name: 'n', value: '0' }).execute());
      const increment = () =>
        database.write(async (tx) => {
          const query = tx.selectFrom('settings').selectAll().where('name', '=', 'n');
          const { value } = await database.lockRows(query).executeTakeFirstOrThrow();
          await tx
            .updateTable('settings')
            .set({ value: `${Number(value) + 1}` })
            .where('name', '=', 'n')
            .execute();
        });
      await Promise.all(Array.from({ length: 8 }, increment));
      expect(await database.read.selectFrom('settings').select('value').executeTakeFirst()).toEqual({ value: '8' });
    });
  });

  describe('a transaction', () => {
    it('that fails leaves nothing, and those beside it are kept', async () => {
      const put = (name: string, fail: boolean) =>
        database.write(async (tx) => {
          await tx.insertInto('settings').values({ name, value: 'x' }).execute();
          if (fail) throw new Error('on purpose');
        });
      await Promise.allSettled([put('a', false), put('b', true), put('c', false)]);
      const rows = await database.read.selectFrom('settings').select('name').orderBy('name').execute();
      expect(rows.map((row) => row.name)).toEqual(['a', 'c']);
    });

    it('counts right when many count at once', async () => {
      await Promise.all(
        Array.from({ length: 50 }, () =>
          database.write((tx) =>
            tx
              .updateTable('counters')
              .set((row) => ({ value: row('value', '+', 1) }))
              .where('name', '=', 'objects')
              .execute(),
          ),
        ),
      );
      const row = await database.read
        .selectFrom('counters')
        .select('value')
        .where('name', '=', 'objects')
        .executeTakeFirst();
      expect(row).toEqual({ value: 50 });
    });
  });

  it('a snapshot sees one moment, whatever is written meanwhile', async () => {
    await database.snapshot(async (at) => {
      expect(await countSettings(at)).toEqual({ count: 0 });
      await database.write((tx) => tx.insertInto('settings').values({ name: 'a', value: 'x' }).execute());
      expect(await countSettings(at)).toEqual({ count: 0 });
    });
    expect(await countSettings(database.read)).toEqual({ count: 1 });
  });

  it('a prepared query takes its values in the order of its arguments', async () => {
    await database.write((tx) => tx.insertInto('settings').values({ name: 'a', value: 'x' }).execute());
    const find = database.prepare((queries, value: string, name: string) =>
      queries.selectFrom('settings').selectAll().where('name', '=', name).where('value', '=', value),
    );
    expect(await find('x', 'a')).toEqual([{ name: 'a', value: 'x' }]);
    expect(await find('a', 'x')).toEqual([]);
  });

  describe('the audit', () => {
    it('writes sixty refusals a minute of one address, and one line for the rest', async () => {
      for (let attempts = 0; attempts < 100; attempts += 1) refuse('192.0.2.1');
      refuse('192.0.2.2');
      await audit.close();
      const lines = await audit.list(undefined, 1000);
      expect(lines.filter((line) => line.source === '192.0.2.2')).toHaveLength(1);
      const flood = lines.filter((line) => line.source === '192.0.2.1');
      expect(flood).toHaveLength(61);
      const rest = {
        outcome: 'refused',
        detail: '40 more refused requests from this address within a minute',
      };
      expect(flood).toContainEqual(expect.objectContaining(rest));
    });

    it('keeps a line only with its change', async () => {
      const fact = { act: 'a', target: 't', outcome: 'done', detail: '' };
      const failing = database.write(async (tx) => {
        await audit.record(tx, actor, fact);
        throw new Error('on purpose');
      });
      await expect(failing).rejects.toThrow('on purpose');
      await database.write((tx) => audit.record(tx, actor, { ...fact, target: 'kept' }));
      expect((await audit.list(undefined, 10)).map((line) => line.target)).toEqual(['kept']);
    });

    it('cuts what is too long, and leaves out a NUL', async () => {
      const fact = { act: 'a', target: 'x'.repeat(1000), outcome: 'done', detail: `a\u0000${'y'.repeat(3000)}` };
      await database.write((tx) => audit.record(tx, actor, fact));
      const [line] = await audit.list(undefined, 1);
      expect(line).toMatchObject({ target: 'x'.repeat(500), detail: `a${'y'.repeat(1999)}` });
    });

    it('is read from the newest, or on from a line', async () => {
      const targets = ['1', '2', '3', '4'];
      for (const target of targets) {
        await database.write((tx) => audit.record(tx, actor, { act: 'a', target, outcome: 'done', detail: '' }));
      }
      const newest = await audit.list(undefined, 2);
      expect(newest.map((line) => line.target)).toEqual(['4', '3']);
      const after = (await audit.list(undefined, 10)).at(-1)?.id ?? 0;
      expect((await audit.list(after, 2)).map((line) => line.target)).toEqual(['2', '3']);
    });
  });

  describe('suspicious objects', () => {
    let published: number[];
    let objects: SuspiciousObjects;

    beforeEach(() => {
      published = [];
      objects = new SuspiciousObjects({
        database,
        audit,
        now: clock,
        // Listing safety has tests of its own.
        listingSafety: { passApplication: async () => false },
        listedAgain: async () => () => undefined,
        publish: (event) => {
          if (event.kind === 'objects-changed') published.push(event.revision);
        },
      });
    });
    afterEach(() => objects.close());

    const add = (content: string, more: object = {}) =>
      objects.add(actor, { param: { type: 'ip', content, scan_action: 'log', ...more } });

    async function list(): Promise<string[]> {
      const found: string[] = [];
      await objects.pages({}, async (page) => void found.push(...page.map((one) => one.content)));
      return found;
    }

    it('hold 10,000 of a type and not one more, however many are added at once', async () => {
      await fill(9_998);
      const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map((_, index) => add(`192.0.2.${index}`)));
      expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(2);
      const refused = outcomes.filter((one) => one.status === 'rejected');
      for (const one of refused) {
        expect(one.reason).toMatchObject({
          reason: 'objects-full',
          message: 'The list has 10000 objects of type ip, and 10000 is the limit. Remove some first.',
        });
      }
      expect(refused).toHaveLength(3);
      await add('10.0.0.5', { notes: 'there already, so it may be changed' });
      await objects.add(actor, { param: { type: 'domain', content: 'other.example', scan_action: 'log' } });
      expect(await list()).toHaveLength(10_001);
    });

    it('do not count an expired entry, even before it is removed', async () => {
      await fill(10_000, start + 1000);
      await expect(add('192.0.2.1')).rejects.toThrow('The list has 10000 objects');
      now = start + 1000;
      await add('192.0.2.1');
      expect(await list()).toContain('192.0.2.1');
    });

    it('are listed newest change first, over all pages', async () => {
      await fill(1_203);
      await add('192.0.2.1');
      await add('10.0.0.0');
      const found = await list();
      expect(found).toHaveLength(1_204);
      expect(found.slice(0, 2)).toEqual(['10.0.0.0', '192.0.2.1']);
      expect(new Set(found).size).toBe(1_204);
    });

    it('have one revision that every change moves on', async () => {
      await add('192.0.2.1');
      await add('192.0.2.1', { scan_action: 'block' });
      await objects.remove(actor, { type: 'ip', content: '192.0.2.1' });
      expect(await objects.remove(actor, { type: 'ip', content: '192.0.2.1' })).toBe(false);
      expect(published).toEqual([1, 2, 3]);
      expect(await objects.revision()).toBe(3);
    });

    it('give an agent what it lacks, page after page: what was put and what was removed', async () => {
      await fill(250);
      await objects.remove(actor, { type: 'ip', content: '10.0.0.3' });
      const held = new Set<string>();
      let after = 0;
      for (let more = true; more;) {
        const page = await objects.pageAfter(after);
        for (const one of page.put) held.add(one.content);
        for (const one of page.remove) held.delete(one.content);
        expect(page.after).toBe(after);
        expect(page.put.length + page.remove.length).toBeLessThanOrEqual(100);
        after = page.revision;
        more = page.more;
      }
      expect(after).toBe(251);
      expect(held.size).toBe(249);
      expect(await objects.pageAfter(250)).toMatchObject({ put: [], remove: [{ type: 'ip', content: '10.0.0.3' }] });
      expect(await objects.pageAfter(251)).toMatchObject({
        after: 251,
        revision: 251,
        more: false,
        put: [],
        remove: [],
      });
    });

    it('start from the beginning for an agent that is ahead, or that missed a forgotten removal', async () => {
      await add('192.0.2.1');
      await add('192.0.2.2');
      await objects.remove(actor, { type: 'ip', content: '192.0.2.1' });
      expect((await objects.pageAfter(9)).after).toBe(0);
      expect((await objects.pageAfter(1)).after).toBe(1);
      now += 31 * day;
      await objects.expire();
      expect((await objects.pageAfter(1)).after).toBe(0);
      expect((await objects.pageAfter(3)).after).toBe(3);
    });

    it('that are over vanish from the list at once, and from agents with the next turn', async () => {
      await add('192.0.2.1', { expiration_utc_date: '2026-01-01T00:10:00Z' });
      now = Date.UTC(2026, 0, 1, 0, 10);
      expect(await list()).toEqual([]);
      await objects.expire();
      expect(await objects.pageAfter(1)).toMatchObject({ remove: [{ type: 'ip', content: '192.0.2.1' }] });
      const [line] = await audit.list(undefined, 1);
      expect(line).toMatchObject({ actor: 'server', act: 'expire-object', target: 'ip 192.0.2.1' });
    });

    it('that are over are taken off once, by however many nodes', async () => {
      await add('192.0.2.1', { expiration_utc_date: '2026-01-01T00:10:00Z' });
      now = Date.UTC(2026, 0, 1, 0, 10);
      await Promise.all(Array.from({ length: 5 }, () => objects.expire()));
      const lines = await audit.list(undefined, 100);
      expect(lines.filter((line) => line.act === 'expire-object')).toHaveLength(1);
    });

    it('that are prolonged in the moment they end are kept', async () => {
      await add('192.0.2.1', { expiration_utc_date: '2026-01-01T00:10:00Z' });
      now = Date.UTC(2026, 0, 1, 0, 10);
      const prolonged = add('192.0.2.1', { expiration_utc_date: '2026-02-01T00:00:00Z' });
      await Promise.all([prolonged, objects.expire(), objects.expire()]);
      expect(await list()).toEqual(['192.0.2.1']);
    });

    it('that were removed come back when they are added again', async () => {
      await add('192.0.2.1', { notes: 'first' });
      await objects.remove(actor, { type: 'ip', content: '192.0.2.1' });
      await add('192.0.2.1', { notes: 'second' });
      expect(await list()).toEqual(['192.0.2.1']);
      expect((await objects.pageAfter(2)).put).toHaveLength(1);
    });
  });

  describe('applications', () => {
    const sealer = new Sealer(Buffer.alloc(32, 1));
    let applications: Applications;
    beforeEach(() => {
      applications = new Applications({ database, sealer, audit, now: clock });
    });
    afterEach(() => applications.close());

    it('are known at once, by their ID in any letter case, with their key and time-out', async () => {
      const { application, apiKey } = await applications.add(actor, { name: 'SOAR', timeoutSeconds: 60 });
      const known = applications.known(application.id.toLowerCase());
      expect(known).toMatchObject({ id: application.id, enabled: true, timeoutSeconds: 60 });
      expect(known.key.export().toString()).toBe(apiKey);
      expect(apiKey).toMatch(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
    });

    it('have a new key once rotated, and none once removed', async () => {
      const { application, apiKey } = await applications.add(actor, { name: 'SOAR' });
      const rotated = await applications.rotate(actor, application.id);
      expect(rotated.apiKey).not.toBe(apiKey);
      expect(applications.known(application.id).key.export().toString()).toBe(rotated.apiKey);
      await applications.remove(actor, application.id);
      expect(() => applications.known(application.id)).toThrow('No application has this ID.');
      await expect(applications.rotate(actor, application.id)).rejects.toThrow('There is no application');
    });

    it('keep their key sealed, and only the right master key opens it', async () => {
      const { apiKey } = await applications.add(actor, { name: 'SOAR' });
      const rows = await database.read.selectFrom('applications').selectAll().execute();
      expect(JSON.stringify(rows)).not.toContain(apiKey);
      const other = new Applications({ database, sealer: new Sealer(Buffer.alloc(32, 2)), audit, now: clock });
      await expect(other.refresh()).rejects.toThrow('was sealed with another master key');
      await other.close();
    });

    it('remember when and from where they were last used', async () => {
      const { application } = await applications.add(actor, { name: 'SOAR' });
      expect(await applications.list()).toMatchObject([{ lastUsedAt: null, lastUsedFrom: null }]);
      now += 5000;
      applications.used(application.id, '192.0.2.9');
      expect(await applications.list()).toMatchObject([{ lastUsedAt: now, lastUsedFrom: '192.0.2.9' }]);
    });

    it('changed on another node are seen with the next refresh', async () => {
      const other = new Applications({ database, sealer, audit, now: clock });
      await other.refresh();
      const { application } = await applications.add(actor, { name: 'SOAR' });
      expect(() => other.known(application.id)).toThrow('No application has this ID.');
      await other.refresh();
      await applications.change(actor, application.id, { enabled: false, name: 'Old' });
      await Promise.all([other.refresh(), other.refresh()]);
      expect(other.known(application.id)).toMatchObject({ enabled: false, name: 'Old' });
      await other.close();
    });
  });

  it('presence: a node that lost an agent does not overwrite the node that has it', async () => {
    const row = { agent_number: 1, connected: 1 as const, seen_at: start };
    const store = (change: object) =>
      database.write((tx) => storePresence(tx, [{ ...row, server_id: 'A', ...change }]));
    await store({});
    await store({ server_id: 'B' });
    await store({ connected: 0 });
    expect(await storedPresence()).toEqual(['B', 1]);
    await store({ server_id: 'B', connected: 0 });
    expect(await storedPresence()).toEqual(['B', 0]);
  });
});
