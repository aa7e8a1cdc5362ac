/** Objects that are undone, listed again, and changed at the moment when the server changes them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConsoleClient } from '@cordon/sdk';
import { Audit } from '../../packages/server/src/audit/audit.ts';
import { toJson } from '../../packages/server/src/database/json.ts';
import { openDatabase } from '../../packages/server/src/database/database.ts';
import type { Database } from '../../packages/server/src/database/database.ts';
import { purgeOfRemoved, purgeRestored } from '../../packages/server/src/quarantine/queries.ts';
import { ObjectList } from '../../packages/server/src/object-status/object-list.ts';
import { SuspiciousObjects } from '../../packages/server/src/suspicious-objects/objects.ts';
import { changeObject, nextRevision } from '../../packages/server/src/suspicious-objects/table.ts';
import {
  deleteOldRecords,
  deleteRecordsOfRemovedAgents,
} from '../../packages/server/src/listing-safety/prevalence-queries.ts';
import { endLate } from '../../packages/server/src/tasks/endings.ts';
import { databaseKinds } from '../harness/databases.ts';
import type { DatabaseKind } from '../harness/databases.ts';
import { detection, newSha1, quarantined } from './object-samples.ts';
import { Site, objectsPath } from './site.ts';

const day = 24 * 3_600_000;

describe.each(databaseKinds())('on $name', (kind) => {
  let site: Site;
  let objects: ConsoleClient;
  let address: string;

  beforeAll(async () => {
    const kept: DatabaseKind = {
      ...kind,
      make: async () => {
        const database = await kind.make();
        ({ address } = database);
        return database;
      },
    };
    site = await Site.open(kept);
    objects = site.console;
  });
  afterAll(async () => {
    await site.close();
  });

  /** Works in the server's own database, outside the server. */
  async function beside<T>(work: (database: Database) => Promise<T>): Promise<T> {
    const database = await openDatabase(address);
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  }

  async function states(sha1: string): Promise<unknown[]> {
    return (await objects.quarantine.list({ content: sha1 })).map((file) => [file.state, file.message]);
  }

  /** Bypasses the types, which would reject these words. */
  function detectionsBy(query: Record<string, string>): Promise<unknown> {
    return site.console.send({ method: 'GET', path: '/api/v1/detections', query });
  }

  describe('an object that was undone and is listed again', () => {
    it('keeps its files in quarantine: nothing is restored, and the undo ends with a message', async () => {
      const name = { type: 'file_sha1', content: newSha1() } as const;
      const [here, off] = [await site.connected(), await site.connected()];
      await objects.objects.put({ ...name, action: 'quarantine' });
      await off.detect(quarantined(1, name.content, { object: name }));
      await off.channel.close();
      const { task } = await objects.objects.undo(name);
      expect(task).toMatchObject({ state: 'running', message: null });
      await objects.objects.put({ ...name, action: 'quarantine' });
      expect(await states(name.content)).toEqual([
        ['quarantined', `file_sha1 ${name.content} was listed again before this file was restored.`],
      ]);
      const ended = await objects.tasks.get(String(task?.id));
      expect(ended.task).toMatchObject({ state: 'cancelled' });
      expect(ended.task.message).toBe(
        `Ended, because file_sha1 ${name.content} is listed again. Agents that had not reported: 1. ` +
          'Files that they have not restored stay in quarantine.',
      );
      await here.detect(quarantined(1, name.content, { object: name }));
      await here.report();
      expect(here.channel.left).not.toContain('task');
      expect((await objects.tasks.get(String(task?.id))).task.agents).toBe(1);
      // An agent that was offline learns only of the cancellation, and none of its files is restored.
      const { objects: newest } = await objects.objects.list({});
      off.objectsRevision = Math.max(...newest.map((one) => one.revision));
      await off.connect(site.server);
      await off.report();
      expect((await off.asked()).work).toEqual({ kind: 'cancel', task: task?.id });
      // After a plain removal from the list, quarantined files stay where they are.
      const query = `${objectsPath}?type=file_sha1&content=${name.content}`;
      expect((await site.call({ method: 'DELETE', path: query })).status).toBe(200);
      const late = await site.connected();
      await late.detect(quarantined(1, name.content, { object: name }));
      await late.report();
      expect(late.channel.left).not.toContain('task');
    });

    it('only to be logged, lets its files come back', async () => {
      const name = { type: 'file', content: newSha1() } as const;
      const agent = await site.connected();
      await objects.objects.put({ ...name, action: 'quarantine' });
      await agent.detect(quarantined(1, name.content));
      const { task } = await objects.objects.undo(name);
      await objects.objects.put({ ...name, action: 'log' });
      expect((await objects.tasks.get(String(task?.id))).task).toMatchObject({ state: 'running', message: null });
      expect(await states(name.content)).toEqual([['restoring', null]]);
    });
  });

  describe('a restore that its agent never hears of', () => {
    it('leaves the file in quarantine once it is cancelled', async () => {
      const agent = await site.connected();
      const taken = quarantined(1, newSha1());
      await agent.detect(taken);
      await agent.channel.close();
      const task = await objects.quarantine.restore({ files: [{ agent: agent.id, quarantine: taken.name }] });
      expect(await states(taken.object.content)).toEqual([['restoring', null]]);
      await objects.tasks.cancel(task.id);
      expect(await states(taken.object.content)).toEqual([['quarantined', 'The task was cancelled.']]);
    });

    it('leaves the file in quarantine once it is too late, and has failed', async () => {
      const agent = await site.connected();
      const taken = quarantined(1, newSha1());
      await agent.detect(taken);
      await agent.channel.close();
      const task = await objects.quarantine.restore({ files: [{ agent: agent.id, quarantine: taken.name }] });
      const sums: unknown[] = [];
      const givenUp = (_tx: unknown, number: number, of: object): Promise<void> => {
        sums.push([number > 0, of]);
        return Promise.resolve();
      };
      const ending = { now: Date.now() + 31 * day, givenUp };
      await beside((database) => database.write((tx) => endLate(tx, ending, 1000)));
      expect(sums).toContainEqual([
        true,
        {
          work: { kind: 'restore-files', quarantine: [taken.name], object: null },
          message: 'The agent did not report in time.',
        },
      ]);
      const { task: over, agents } = await objects.tasks.get(task.id);
      expect(over).toMatchObject({ failed: 1, state: 'done' });
      expect(agents[0]?.progress).toMatchObject({ state: 'failed', message: expect.stringContaining('in time') });
    });
  });

  describe('what is still listed', () => {
    it('is named before a file is restored, and the file is restored only once that was confirmed', async () => {
      const agent = await site.connected();
      const name = { type: 'file_sha1', content: newSha1() } as const;
      await objects.objects.put({ ...name, action: 'quarantine' });
      const taken = quarantined(1, name.content, { object: name });
      await agent.detect(taken);
      const files = [{ agent: agent.id, quarantine: taken.name }];
      await expect(objects.quarantine.restore({ files })).rejects.toThrow(
        `Still listed: file_sha1 ${name.content} (quarantine). A restored file would be blocked or quarantined again.`,
      );
      expect(await states(name.content)).toEqual([['quarantined', null]]);
      expect(await objects.quarantine.restore({ files, confirmed: true })).toMatchObject({ agents: 1 });
      expect(await states(name.content)).toEqual([['restoring', null]]);
    });

    it('under its other type keeps an undo from happening by mistake', async () => {
      const content = newSha1();
      for (const type of ['file', 'file_sha1'] as const) await objects.objects.put({ type, content, action: 'block' });
      await expect(objects.objects.undo({ type: 'file', content })).rejects.toThrow(
        `Still listed: file_sha1 ${content} (block).`,
      );
      expect((await objects.objects.get({ type: 'file', content })).object.action).toBe('block');
      expect(await objects.objects.undo({ type: 'file', content, confirmed: true })).toMatchObject({ removed: true });
      expect(await objects.objects.undo({ type: 'file_sha1', content })).toMatchObject({ removed: true });
    });
  });

  describe('the record of a quarantined file', () => {
    it('is forgotten once it was put back and is old, and with its agent', async () => {
      const [agent, gone] = [await site.connected(), await site.connected()];
      const [back, held, lost] = [newSha1(), newSha1(), newSha1()];
      for (const content of [back, held, lost])
        await objects.objects.put({ type: 'file', content, action: 'quarantine' });
      const taken = quarantined(1, back);
      await agent.detect(taken, quarantined(2, held));
      await agent.detect(detection(3, { ...taken, sequence: 3, action: 'restored', detectedBy: 'task' }));
      await gone.detect(quarantined(1, lost));
      await beside(async (database) => {
        await database.write((tx) =>
          tx.updateTable('agents').set({ removed_at: 1 }).where('entity_id', '=', gone.id).execute(),
        );
        expect(await database.write((tx) => purgeRestored(tx, 1, 100))).toBe(0);
        expect(await database.write((tx) => purgeRestored(tx, Date.now() + day, 100))).toBe(1);
        expect(await database.write((tx) => purgeOfRemoved(tx, 100))).toBe(1);
        expect(await database.write((tx) => purgeOfRemoved(tx, 100))).toBe(0);
        expect(await database.write((tx) => deleteRecordsOfRemovedAgents(tx, 100))).toBe(1);
        expect(await database.write((tx) => deleteOldRecords(tx, 1, 100))).toBe(0);
        expect(await database.write((tx) => deleteOldRecords(tx, Date.now() + day, 1000))).toBeGreaterThan(1);
      });
      const found = await Promise.all([back, held, lost].map((content) => objects.quarantine.list({ content })));
      expect(found.map((files) => files.map((file) => file.state))).toEqual([[], ['quarantined'], []]);
    });

    it('is not filled up by files that were put back', async () => {
      const agent = await site.connected();
      const sha1 = newSha1();
      await agent.detect(quarantined(1, sha1));
      await beside((database) =>
        database.write(async (tx) => {
          const pattern = tx.selectFrom('quarantined_files').selectAll().where('sha1', '=', sha1);
          const row = await pattern.executeTakeFirstOrThrow();
          for (let from = 0; from < 20_000; from += 500) {
            const name = (index: number): string => String(from + index).padStart(36, '0');
            const many = Array.from({ length: 500 }, (_, index) => ({
              ...row,
              quarantine: name(index),
              state: 'restored' as const,
            }));
            await tx.insertInto('quarantined_files').values(many).execute();
          }
        }),
      );
      const another = quarantined(2, newSha1());
      await agent.detect(another);
      const [known] = await objects.quarantine.list({ content: another.object.content });
      expect(known).toMatchObject({ quarantine: another.name, state: 'quarantined' });
      const count = await beside((database) =>
        database.read
          .selectFrom('quarantined_files')
          .select((fn) => fn.fn.countAll<number>().as('count'))
          .where('object_content', 'in', [sha1, another.object.content])
          .executeTakeFirstOrThrow(),
      );
      expect(count.count).toBe(20_000);
    }, 180_000);
  });

  it('an address of a list from before, in another spelling, is taken off as it stands there', async () => {
    const content = '::ffff:c000:2c8';
    await objects.objects.put({ type: 'ip', content, action: 'log' });
    await beside((database) =>
      database.write((tx) =>
        tx.updateTable('suspicious_objects').set({ content }).where('content', '=', '192.0.2.200').execute(),
      ),
    );
    const listed = async (): Promise<string[]> =>
      (await objects.objects.list({ type: 'ip' })).objects.map((one) => one.content);
    expect(await listed()).toContain(content);
    const path = `${objectsPath}?type=ip&content=${content}`;
    expect((await site.call({ method: 'DELETE', path })).status).toBe(200);
    expect(await listed()).not.toContain(content);
  });

  it('a word that is none of a filter is refused with those that are', async () => {
    await expect(detectionsBy({ action: 'nonsense' })).rejects.toThrow(
      'querystring/action must be one of logged, blocked, quarantined, restored, held-back, failed, late.',
    );
    await expect(detectionsBy({ detectedBy: 'chance' })).rejects.toThrow('must be one of open, execute');
    await expect(detectionsBy({ group: 'nowhere' })).rejects.toThrow('There is no group "nowhere"');
    expect(await detectionsBy({ action: '', detectedBy: '', group: '' })).toMatchObject({
      detections: expect.any(Array),
    });
  });

  it('a canary that is halted while somebody edits its note stays halted', async () => {
    await beside(async (database) => {
      const content = newSha1();
      const name = { type: 'file_sha1', content } as const;
      let meanwhile = nothing;
      const audit = new Audit(database, Date.now);
      const catalogue = catalogueOn(database, audit, () => meanwhile());
      const actor = { name: 'test', source: '', requestId: '' };
      await catalogue.put(actor, { ...name, action: 'quarantine', enforceIn: ['default'], haltAbove: 3 });
      meanwhile = () =>
        database.write(async (tx) => {
          const halted = { enforce_in: toJson<string[]>([]), halted_at: 1, halt_reason: 'It leapt.' };
          await changeObject(tx, name, { ...halted, revision: await nextRevision(tx) });
        });
      const edited = await catalogue.put(actor, { ...name, action: 'quarantine', notes: 'only a note' });
      expect(edited).toMatchObject({
        notes: 'only a note',
        enforceIn: [],
        haltAbove: 3,
        halted: { at: 1, message: 'It leapt.' },
      });
      meanwhile = nothing;
      const again = await catalogue.put(actor, { ...name, action: 'quarantine', enforceIn: ['default'] });
      expect(again).toMatchObject({ notes: 'only a note', enforceIn: ['default'], halted: null });
      await audit.close();
    });
  });
});

function nothing(): Promise<void> {
  return Promise.resolve();
}

/** The list as the server builds it, except that something happens during the listing-safety check. */
function catalogueOn(database: Database, audit: Audit, meanwhile: () => Promise<void>): ObjectList {
  const objects = new SuspiciousObjects({
    database,
    audit,
    now: Date.now,
    listingSafety: { passApplication: () => Promise.resolve(false) },
    listedAgain: () => Promise.resolve(() => undefined),
    publish: () => undefined,
  });
  objects.close();
  const listingSafety = {
    check: async () => {
      await meanwhile();
      return { reasons: [], prevalence: null };
    },
  };
  return new ObjectList({
    database,
    now: Date.now,
    objects,
    listingSafety,
    groupExists: () => true,
    settingsOf: () => {
      throw new Error('No standing is asked for here.');
    },
    quarantined: () => Promise.resolve(new Map()),
  });
}
