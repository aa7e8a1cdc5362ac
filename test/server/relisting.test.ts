/** Objects that are taken back, listed again, and changed at the very moment at which the server changes them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConsoleObjects } from '@cordon/sdk/objects';
import { Audit } from '../../packages/server/src/audit/audit.ts';
import { openDatabase } from '../../packages/server/src/database/database.ts';
import type { Database } from '../../packages/server/src/database/database.ts';
import { haltObject } from '../../packages/server/src/suspicious-objects/canary-queries.ts';
import { Catalogue } from '../../packages/server/src/suspicious-objects/catalogue.ts';
import { SuspiciousObjects } from '../../packages/server/src/suspicious-objects/objects.ts';
import { nextRevision } from '../../packages/server/src/suspicious-objects/queries.ts';
import { endLate } from '../../packages/server/src/tasks/endings.ts';
import { databaseKinds } from '../harness/databases.ts';
import type { DatabaseKind } from '../harness/databases.ts';
import { newSha1, quarantined } from './bite.ts';
import { Site, objectsPath } from './site.ts';

const day = 24 * 3_600_000;

describe.each(databaseKinds())('on $name', (kind) => {
  let site: Site;
  let objects: ConsoleObjects;
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
    objects = new ConsoleObjects(site.console);
  });
  afterAll(async () => {
    await site.close();
  });

  /** Works in the server's own database, beside the server. */
  async function beside<T>(work: (database: Database) => Promise<T>): Promise<T> {
    const database = await openDatabase(address);
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  }

  async function states(sha1: string): Promise<unknown[]> {
    return (await objects.quarantine({ content: sha1 })).map((file) => [file.state, file.sentence]);
  }

  describe('an object that was undone and is listed again', () => {
    it('has its files taken by right: nothing is put back, and the undoing ends and says so', async () => {
      const name = { type: 'file_sha1', content: newSha1() } as const;
      const [here, off] = [await site.connected(), await site.connected()];
      await objects.putObject({ ...name, action: 'quarantine' });
      await off.detect(quarantined(1, name.content, { object: name }));
      await off.channel.close();
      const { task } = await objects.undoObject(name);
      expect(task).toMatchObject({ state: 'running', sentence: null });
      await objects.putObject({ ...name, action: 'quarantine' });
      expect(await states(name.content)).toEqual([
        ['quarantined', `file_sha1 ${name.content} was listed again before this file was put back.`],
      ]);
      const ended = await objects.task(String(task?.id));
      expect(ended.task).toMatchObject({ state: 'cancelled' });
      expect(ended.task.sentence).toBe(
        `Ended, because file_sha1 ${name.content} is listed again. 1 of its agents had not told of their files: ` +
          'what they have not put back stays in quarantine.',
      );
      await here.detect(quarantined(1, name.content, { object: name }));
      await here.report();
      expect(here.channel.left).not.toContain('task');
      expect((await objects.task(String(task?.id))).task.agents).toBe(1);
      // Whoever was off hears only that it is cancelled, and none of its files comes back.
      const { objects: newest } = await objects.objects({});
      off.objectsRevision = Math.max(...newest.map((one) => one.revision));
      await off.connect(site.server);
      await off.report();
      expect((await off.asked()).work).toEqual({ kind: 'cancel', task: task?.id });
      // Off the list by a mere removal, what was taken stays where it is.
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
      await objects.putObject({ ...name, action: 'quarantine' });
      await agent.detect(quarantined(1, name.content));
      const { task } = await objects.undoObject(name);
      await objects.putObject({ ...name, action: 'log' });
      expect((await objects.task(String(task?.id))).task).toMatchObject({ state: 'running', sentence: null });
      expect(await states(name.content)).toEqual([['restoring', null]]);
    });
  });

  describe('a restore that its agent never hears of', () => {
    it('leaves the file in quarantine once it is cancelled', async () => {
      const agent = await site.connected();
      const taken = quarantined(1, newSha1());
      await agent.detect(taken);
      await agent.channel.close();
      const task = await objects.restoreFiles({ files: [{ agent: agent.id, quarantine: taken.name }] });
      expect(await states(taken.object.content)).toEqual([['restoring', null]]);
      await objects.cancelTask(task.id);
      expect(await states(taken.object.content)).toEqual([['quarantined', 'The task was cancelled.']]);
    });

    it('leaves the file in quarantine once it is too late, and has failed', async () => {
      const agent = await site.connected();
      const taken = quarantined(1, newSha1());
      await agent.detect(taken);
      await agent.channel.close();
      const task = await objects.restoreFiles({ files: [{ agent: agent.id, quarantine: taken.name }] });
      const told: unknown[] = [];
      const givenUp = (_tx: unknown, number: number, of: object): Promise<void> => {
        told.push([number > 0, of]);
        return Promise.resolve();
      };
      const ending = { now: Date.now() + 31 * day, givenUp };
      await beside((database) => database.write((tx) => endLate(tx, ending, 1000)));
      expect(told).toContainEqual([
        true,
        {
          work: { kind: 'restore-files', quarantine: [taken.name], object: null },
          sentence: 'The agent has not told of it in time, so nobody waits for it any more.',
        },
      ]);
      const { task: over, agents } = await objects.task(task.id);
      expect(over).toMatchObject({ failed: 1, state: 'done' });
      expect(agents[0]?.progress).toMatchObject({ state: 'failed', sentence: expect.stringContaining('in time') });
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
          await haltObject(tx, name, { at: 1, why: 'It leapt.', revision: await nextRevision(tx) });
        });
      const edited = await catalogue.put(actor, { ...name, action: 'quarantine', notes: 'only a note' });
      expect(edited).toMatchObject({
        notes: 'only a note',
        enforceIn: [],
        haltAbove: 3,
        halted: { at: 1, sentence: 'It leapt.' },
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

/** The list as the server makes it, but for a shield that lets something happen while it is asked. */
function catalogueOn(database: Database, audit: Audit, meanwhile: () => Promise<void>): Catalogue {
  const objects = new SuspiciousObjects({
    database,
    audit,
    now: Date.now,
    shield: { passApplication: () => Promise.resolve(false) },
    listedAgain: () => Promise.resolve(() => undefined),
    tell: () => undefined,
  });
  objects.close();
  const shield = {
    check: async () => {
      await meanwhile();
      return { shield: [], prevalence: null };
    },
  };
  return new Catalogue({
    database,
    now: Date.now,
    objects,
    shield,
    groupExists: () => true,
    settingsOf: () => {
      throw new Error('No standing is asked for here.');
    },
    quarantined: () => Promise.resolve(new Map()),
  });
}
