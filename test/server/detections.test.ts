/** Detections: stored exactly once, only with the signature of their agent, and searchable. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConsoleClient } from '@cordon/sdk';
import { databaseKinds } from '../harness/databases.ts';
import { eventually } from '../harness/eventually.ts';
import { detection, detectedFile, newSha1, quarantined } from './object-samples.ts';
import { Site } from './site.ts';

describe.each(databaseKinds())('on $name', (kind) => {
  let site: Site;
  let objects: ConsoleClient;

  beforeAll(async () => {
    site = await Site.open(kind);
    objects = site.console;
  });
  afterAll(async () => {
    await site.close();
  });

  describe('a batch of detections', () => {
    it('is stored with everything in it, and acknowledged by its last sequence', async () => {
      const agent = await site.connected();
      const [one, two] = [
        detection(1),
        detection(2, { action: 'blocked', detectedBy: 'execute', remark: 'as listed' }),
      ];
      agent.sendDetections([one, two]);
      const { enrolment, spool } = agent;
      expect(await agent.recorded()).toEqual({ agent: agent.id, enrolment, spool, sequence: 2 });
      const { detections, next } = await objects.detections.list({ agent: agent.id });
      expect(next).toBeNull();
      expect(detections.map(({ id, receivedAt, ...rest }) => [id > 0 && receivedAt > 0, rest])).toEqual([
        [true, { ...two, agent: agent.id, hostName: agent.facts.hostName }],
        [true, { ...one, agent: agent.id, hostName: agent.facts.hostName }],
      ]);
    });

    it('is stored once when it is sent again on the same channel, on a new one, or in part', async () => {
      const agent = await site.connected();
      const batch = [detection(1), detection(2), detection(3)];
      await agent.detect(...batch);
      await agent.detect(...batch);
      await agent.channel.close();
      await agent.connect(site.server);
      await agent.detect(...batch.slice(1), detection(4));
      const { detections } = await objects.detections.list({ agent: agent.id });
      expect(detections.map((one) => one.sequence)).toEqual([4, 3, 2, 1]);
    });

    it('from two channels of the same agent at once is stored once', async () => {
      const agent = await site.connected();
      const first = agent.channel;
      const batch = Array.from({ length: 50 }, (_, index) => detection(index + 1));
      agent.sendDetections(batch);
      await agent.connect(site.server);
      agent.sendDetections(batch);
      await agent.recorded();
      await first.ended;
      const stored = await eventually('they are stored', async () => {
        const { detections } = await objects.detections.list({ agent: agent.id, limit: 1000 });
        return detections.length >= 50 ? detections.length : undefined;
      });
      expect(stored).toBe(50);
    });

    it('of another spool starts again at one, and an old batch of the previous spool is still stored once', async () => {
      const agent = await site.connected();
      const old = [detection(1), detection(2), detection(3)];
      await agent.detect(...old);
      const before = agent.spool;
      agent.spool = randomUUID();
      agent.sendDetections([detection(1)]);
      expect(await agent.recorded()).toMatchObject({ spool: agent.spool, sequence: 1 });
      agent.sendDetections(old, { spool: before });
      expect(await agent.recorded()).toMatchObject({ spool: before, sequence: 3 });
      await agent.detect(detection(1), detection(2));
      const { detections } = await objects.detections.list({ agent: agent.id });
      expect(detections.map((one) => one.sequence)).toEqual([2, 1, 3, 2, 1]);
    });

    it('that names a sequence twice keeps one of them', async () => {
      const agent = await site.connected();
      await agent.detect(detection(1), detection(1));
      const { detections } = await objects.detections.list({ agent: agent.id });
      expect(detections).toHaveLength(1);
    });

    it.each(['key', 'agent', 'enrolment'] as const)(
      'of another %s ends the channel and stores nothing',
      async (what) => {
        const [agent, other] = [await site.connected(), await site.connected()];
        const { privateKey } = generateKeyPairSync('ed25519');
        const changes = {
          key: { key: privateKey },
          agent: { agent: other.id },
          enrolment: { enrolment: other.enrolment },
        };
        agent.sendDetections([detection(1)], changes[what]);
        expect(await agent.channel.ended).toMatchObject({ word: 'frame-invalid' });
        for (const one of [agent, other]) {
          expect((await objects.detections.list({ agent: one.id })).detections).toEqual([]);
        }
      },
    );

    it('with hostile text is stored as data', async () => {
      const agent = await site.connected();
      const text = `</script>';drop table agents;--\u0000\u202e\ud800${'x'.repeat(300)}`;
      const file = detectedFile({ path: { text: `/tmp/${text}`, bytes: 'L3RtcC//' } });
      const process = { pid: 1, startedAt: 1, name: text.slice(0, 200), executable: text, commandLine: text };
      await agent.detect(detection(1, { file, process, remark: text, object: { type: 'domain', content: text } }));
      const { detections } = await objects.detections.list({ agent: agent.id, search: 'DROP TABLE agents' });
      expect(detections).toHaveLength(1);
      expect(detections[0]?.file?.path).toMatchObject({ bytes: 'L3RtcC//' });
      expect(detections[0]?.remark).toContain('drop table agents');
    });
  });

  describe('the list of detections', () => {
    it('is narrowed by each of its filters, and by all together', async () => {
      const [agent, other] = [await site.connected(), await site.connected()];
      const sha1 = newSha1();
      await objects.groups.put('filtered', {});
      await objects.agents.moveToGroup(other.id, 'filtered');
      const at = Date.now() - 3_600_000;
      await agent.detect(detection(1, { at, file: detectedFile({ sha1, path: { text: '/srv/Ünique_100%.exe' } }) }));
      await agent.detect(detection(2, { action: 'blocked', detectedBy: 'sweep' }));
      await other.detect(detection(1, { file: detectedFile({ sha1 }), user: { id: 0, name: 'root-of-other' } }));
      const found = async (filter: Parameters<typeof objects.detections.list>[0]): Promise<unknown[]> => {
        const { detections } = await objects.detections.list(filter);
        return detections.map((one) => [one.agent === agent.id ? 'agent' : 'other', one.sequence]);
      };
      const [first, second, third] = [
        ['agent', 1],
        ['agent', 2],
        ['other', 1],
      ];
      expect(await found({ agent: agent.id })).toEqual([second, first]);
      expect(await found({ content: sha1.toLowerCase(), type: 'file' })).toEqual([third, first]);
      expect(await found({ group: 'filtered' })).toEqual([third]);
      expect(await found({ agent: agent.id, action: 'blocked' })).toEqual([second]);
      expect(await found({ agent: agent.id, detectedBy: 'open' })).toEqual([first]);
      expect(await found({ content: sha1, until: at + 1 })).toEqual([first]);
      expect(await found({ content: sha1, since: at + 1 })).toEqual([third]);
      expect(await found({ search: 'ÜNIQUE_100%' })).toEqual([first]);
      expect(await found({ content: sha1, search: 'nique_100x' })).toEqual([]);
      expect(await found({ content: sha1, search: 'root-of-other' })).toEqual([third]);
      expect(await found({ agent: agent.id, group: 'filtered' })).toEqual([]);
    });

    it('comes in pages that hold each detection once', async () => {
      const agent = await site.connected();
      for (let from = 0; from < 250; from += 100) {
        await agent.detect(
          ...Array.from({ length: Math.min(100, 250 - from) }, (_, index) => detection(from + index + 1)),
        );
      }
      const seen: number[] = [];
      let before: number | undefined;
      do {
        const page = await objects.detections.list({ agent: agent.id, limit: 60, before });
        seen.push(...page.detections.map((one) => one.sequence));
        before = page.next ?? undefined;
      } while (before !== undefined);
      expect(seen).toEqual(Array.from({ length: 250 }, (_, index) => 250 - index));
    });

    it('is summed up in buckets, with the objects that were detected most', async () => {
      const agent = await site.connected();
      const sha1 = newSha1();
      const at = Date.UTC(2020, 0, 1, 12);
      const on = { file: detectedFile({ sha1 }) };
      await agent.detect(
        detection(1, { ...on, at, count: 3 }),
        detection(2, { ...on, at: at + 1, action: 'blocked' }),
        detection(3, { ...on, at: at + 3_600_000 }),
      );
      const summary = await objects.detections.summary({ since: at, until: at + 2 * 3_600_000 });
      expect(summary.bucket).toBe(300_000);
      expect(summary.buckets.filter((one) => Object.keys(one.counts).length > 0)).toEqual([
        { at, counts: { logged: 3, blocked: 1 } },
        { at: at + 3_600_000, counts: { logged: 1 } },
      ]);
      expect(summary.objects).toEqual([{ type: 'file', content: sha1, count: 5, agents: 1 }]);
    });
  });

  describe('an agent with more detections in an hour than are stored one by one', () => {
    it('is counted further, in one row per object', async () => {
      const agent = await site.connected();
      const sha1 = newSha1();
      const file = detectedFile({ sha1 });
      for (let from = 0; from < 2100; from += 100) {
        await agent.detect(...Array.from({ length: 100 }, (_, index) => detection(from + index + 1, { file })));
      }
      const { detections } = await objects.detections.list({ agent: agent.id, limit: 5 });
      expect(detections[0]).toMatchObject({ sequence: 2001, count: 100 });
      expect(detections[0]?.remark).toContain('more than 2000 within the hour');
      expect(detections[1]).toMatchObject({ sequence: 2000, count: 1, remark: null });
      const last = quarantined(2102, sha1);
      await agent.detect(detection(2101, { file }), last);
      await agent.detect(detection(2101, { file }), last);
      const again = await objects.detections.list({ agent: agent.id, limit: 1 });
      expect(again.detections[0]).toMatchObject({ sequence: 2001, count: 102 });
      // The files in the quarantine are known all the same.
      const files = await objects.quarantine.list({ agent: agent.id });
      expect(files.map((one) => one.quarantine)).toEqual([last.name]);
    }, 180_000);
  });

  describe('a quarantined file', () => {
    it('is listed until a task for its agent alone has restored it', async () => {
      const [agent, other] = [await site.connected(), await site.connected()];
      const sha1 = newSha1();
      const [mine, theirs] = [quarantined(1, sha1), quarantined(1, sha1)];
      await agent.detect(mine);
      await other.detect(theirs);
      const state = async (): Promise<unknown[]> => {
        const files = await objects.quarantine.list({ agent: agent.id });
        return files.map((one) => [one.quarantine, one.state, one.message]);
      };
      expect(await state()).toEqual([[mine.name, 'quarantined', null]]);
      expect(await objects.quarantine.list({ type: 'file', content: sha1 })).toHaveLength(2);
      const files = [{ agent: agent.id, quarantine: mine.name }];
      const task = await objects.quarantine.restore({ files, reason: 'it was clean' });
      const asked = await agent.asked();
      expect(asked).toMatchObject({
        task: task.id,
        agent: agent.id,
        work: { kind: 'restore-files', quarantine: [mine.name], object: null },
      });
      expect(await state()).toEqual([[mine.name, 'restoring', null]]);
      await agent.progress(task.id, { state: 'failed', message: 'A file is there already.' });
      expect(await state()).toEqual([[mine.name, 'quarantined', 'A file is there already.']]);
      await agent.detect(detection(2, { file: mine.file, action: 'restored', detectedBy: 'task' }));
      expect(await state()).toEqual([[mine.name, 'restored', null]]);
      expect(other.channel.left).not.toContain('task');
      await expect(objects.quarantine.restore({ files })).rejects.toThrow('None of these files is quarantined');
      const { lines } = await site.console.audit.list({ limit: 1000 });
      const line = lines.find((one) => one.act === 'task-restore-files');
      expect(line?.target).toContain(`invoice.exe on ${agent.id} (${agent.facts.hostName})`);
    });

    it('keeps its record when another agent claims its name, and a restore reaches only the named agent', async () => {
      const [agent, thief, bystander] = [await site.connected(), await site.connected(), await site.connected()];
      const sha1 = newSha1();
      const mine = quarantined(1, sha1);
      const claimed = detectedFile({ sha1, path: { text: '/tmp/bait' }, quarantine: mine.name });
      await agent.detect(mine);
      await thief.detect(detection(1, { file: claimed, action: 'quarantined' }));
      const states = async (): Promise<unknown> => {
        const files = await objects.quarantine.list({ quarantine: mine.name.toUpperCase() });
        return Object.fromEntries(files.map((one) => [one.agent, [one.path.text, one.state]]));
      };
      const path = mine.file?.path.text;
      const claim = { [thief.id]: ['/tmp/bait', 'quarantined'] };
      expect(await states()).toEqual({ ...claim, [agent.id]: [path, 'quarantined'] });
      const task = await objects.quarantine.restore({
        files: [{ agent: agent.id.toUpperCase(), quarantine: mine.name }],
      });
      expect(await agent.asked()).toMatchObject({ task: task.id, work: { quarantine: [mine.name] } });
      expect(task).toMatchObject({ agents: 1 });
      expect(await states()).toEqual({ ...claim, [agent.id]: [path, 'restoring'] });
      await thief.progress(task.id, { kind: 'restore-files', state: 'failed', message: 'Not me.' });
      await thief.detect(detection(2, { file: claimed, action: 'restored', detectedBy: 'task' }));
      expect(await states()).toEqual({
        [thief.id]: ['/tmp/bait', 'restored'],
        [agent.id]: [path, 'restoring'],
      });
      expect(thief.channel.left).not.toContain('task');
      const { lines } = await site.console.audit.list({ limit: 1000 });
      const line = lines.find((one) => one.act === 'task-restore-files' && one.detail.includes(task.id));
      expect(line?.target).toBe(`${path} on ${agent.id} (${agent.facts.hostName})`);
      const elsewhere = objects.quarantine.restore({ files: [{ agent: bystander.id, quarantine: mine.name }] });
      await expect(elsewhere).rejects.toThrow('None of these files is quarantined');
    });

    it('cannot be restored by name on several agents', async () => {
      const [one, other] = [await site.connected(), await site.connected()];
      await objects.groups.put('storage', {});
      for (const agent of [one, other]) await objects.agents.moveToGroup(agent.id, 'storage');
      const work = { kind: 'restore-files' as const, quarantine: [randomUUID()], object: null };
      await expect(objects.tasks.add({ work, group: 'storage' })).rejects.toThrow(
        'quarantined copies belong to one endpoint',
      );
      await objects.tasks.add({ work, selector: { entityId: one.id } });
      expect(await one.asked()).toMatchObject({ work });
      expect(other.channel.left).not.toContain('task');
    });
  });
});
