/** Object enforcement: groups, listing safety, status, canaries and undo, with fake agents connected. */
import { sql } from 'kysely';
import { toJson } from '../../packages/server/src/database/json.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConsoleClient } from '@cordon/sdk';
import type { ObjectEnforcementStatus } from '@cordon/protocol/channel';
import { quickest } from '../harness/timing.ts';
import { databaseKinds } from '../harness/databases.ts';
import { eventually } from '../harness/eventually.ts';
import { copyOf, detection, detectedFile, newSha1, quarantined } from './object-samples.ts';
import type { FakeAgent } from './fake-agent.ts';
import { Site, dataOf, filePath, objectsPath } from './site.ts';
import type { Answer } from './wire.ts';

const on = { state: 'on', message: null } as const;
const able: ObjectEnforcementStatus = { onAccess: on, sweep: on, network: on, names: on };
const enforcing = { onAccess: 'enforce', sweep: 'enforce', network: 'enforce' } as const;

/** Status, code and message of a refusal in the Data/Meta envelope. */
function refusalOf(answer: Answer): unknown[] {
  const { Meta: meta } = JSON.parse(answer.text);
  return [answer.status, meta.ErrorCode, meta.ErrorMsg];
}

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

  function put(param: object): Promise<Answer> {
    return site.send('PUT', objectsPath, { param });
  }

  async function actsInAudit(target: string): Promise<string[]> {
    const { lines } = await site.console.audit.list({ limit: 1000 });
    return lines.filter((line) => line.target.includes(target)).map((line) => line.act);
  }

  /** An agent with the newest list that can enforce everything. */
  async function ready(group: string): Promise<FakeAgent> {
    const agent = await site.connected();
    await objects.agents.moveToGroup(agent.id, group);
    await agent.ordered();
    await takeList(agent);
    return agent;
  }

  async function takeList(agent: FakeAgent): Promise<void> {
    const { objects: newest } = await objects.objects.list({});
    const revision = Math.max(agent.objectsRevision, ...newest.map((one) => one.revision));
    agent.objectsRevision = revision;
    await agent.report({ objects: able });
  }

  describe('a group', () => {
    it('enforces nothing until somebody enables it', async () => {
      const group = (await objects.groups.list()).find((one) => one.name === 'default');
      expect(group?.settings).toMatchObject({ onAccess: 'off', sweep: 'off', network: 'off' });
      const agent = await site.connected();
      await site.act('cmd_isolate_agent', { entity_id: agent.id });
      expect((await agent.ordered()).objects).toEqual({ group: 'default', ...group?.settings });
    });

    it('sends its agents a new desired state when it changes or they are moved, and no other agents', async () => {
      const [agent, other] = [await site.connected(), await site.connected()];
      const before = agent.epoch;
      const made = await objects.groups.put('changing', { network: 'log' });
      expect(made).toMatchObject({ name: 'changing', agents: 0, settings: { network: 'log', onAccess: 'off' } });
      await objects.agents.moveToGroup(agent.id, 'changing');
      expect(await agent.ordered()).toMatchObject({
        epoch: before + 1,
        objects: { group: 'changing', network: 'log' },
      });
      await objects.groups.put('changing', { onAccess: 'enforce' });
      expect(await agent.ordered()).toMatchObject({
        epoch: before + 2,
        isolation: 'normal',
        objects: { group: 'changing', network: 'log', onAccess: 'enforce' },
      });
      expect((await site.console.agents.get(agent.id)).group).toBe('changing');
      expect((await objects.groups.list()).find((one) => one.name === 'changing')?.agents).toBe(1);
      expect(other.channel.left).not.toContain('desired');
      expect(await actsInAudit('group changing')).toEqual(['put-group', 'put-group']);
    });

    it('reaches an agent that was offline when it changed', async () => {
      await objects.groups.put('sleeping', {});
      const agent = await site.enrol();
      await objects.agents.moveToGroup(agent.id, 'sleeping');
      await objects.groups.put('sleeping', enforcing);
      await agent.connect(site.server);
      expect((await agent.ordered()).objects).toMatchObject({ group: 'sleeping', ...enforcing });
    });

    it('cannot be removed while agents are in it, and the default group never', async () => {
      await objects.groups.put('leaving', {});
      const agent = await site.enrol();
      await objects.agents.moveToGroup(agent.id, 'leaving');
      await expect(objects.groups.remove('leaving')).rejects.toThrow('1 agents are in the group "leaving"');
      await objects.agents.moveToGroup(agent.id, 'default');
      await objects.groups.remove('leaving');
      await expect(objects.agents.moveToGroup(agent.id, 'leaving')).rejects.toThrow('There is no group "leaving"');
      await expect(objects.groups.remove('default')).rejects.toThrow('cannot be removed');
      await expect(objects.groups.put('Loud Name', {})).rejects.toThrow('lower-case letters');
    });

    it('that Cordon did not write enforces nothing, and is audited', async () => {
      await objects.groups.put('forged', {});
      const agent = await site.connected();
      await objects.agents.moveToGroup(agent.id, 'forged');
      await agent.ordered();
      await site.tamper((tx) =>
        tx
          .updateTable('groups')
          .set({ settings: toJson({ ...enforcing, execAtDeadline: 'deny', sweepMegabytesPerSecond: 0 }) })
          .where('name', '=', 'forged')
          .execute(),
      );
      await site.tamper((tx) => sql`update counters set value = value + 1 where name = 'groups'`.execute(tx));
      await site.act('cmd_isolate_agent', { entity_id: agent.id });
      expect((await agent.ordered()).objects).toMatchObject({ group: 'forged', onAccess: 'off', network: 'off' });
      await eventually('it is audited', async () =>
        (await actsInAudit('group forged')).includes('group-forged') ? true : undefined,
      );
    });

    it('is ignored for an agent that Cordon did not move to it', async () => {
      await objects.groups.put('lured', enforcing);
      const agent = await site.connected();
      await site.tamper((tx) =>
        tx
          .updateTable('agents')
          .set({ group_name: 'lured', desired_epoch: agent.epoch + 1, desired_at: Date.now() })
          .where('entity_id', '=', agent.id)
          .execute(),
      );
      await agent.channel.close();
      await agent.connect(site.server);
      await eventually('it is audited', async () =>
        (await actsInAudit(agent.id)).includes('desired-state-forged') ? true : undefined,
      );
      expect(agent.channel.left).not.toContain('desired');
    });
  });

  describe('listing safety', () => {
    it('asks a client to repeat a request for a private address, and accepts only the same one', async () => {
      const param = { type: 'ip', content: '10.20.30.40', scan_action: 'block' };
      const refused = await put(param);
      expect(refusalOf(refused)).toEqual([
        409,
        7,
        '10.20.30.40 is in a private network, which your own machines may use. ' +
          'Send the same request again within 10 minutes to list it anyway.',
      ]);
      expect((await put({ ...param, content: '10.20.30.41' })).status).toBe(409);
      expect((await put(param)).status).toBe(200);
      // It is listed now, and may be changed without confirmation.
      expect((await put({ ...param, notes: 'again' })).status).toBe(200);
      expect((await objects.objects.get({ type: 'ip', content: '10.20.30.40' })).object).toMatchObject({
        confirmed: true,
      });
    });

    it('never delays an object that is only logged', async () => {
      expect((await put({ type: 'ip', content: '10.20.30.50', scan_action: 'log' })).status).toBe(200);
    });

    it('always refuses what would block the endpoint itself or the server', async () => {
      for (let turn = 0; turn < 2; turn += 1) {
        const answer = await put({ type: 'ip', content: '127.0.0.1', scan_action: 'block' });
        expect(refusalOf(answer)).toEqual([
          403,
          7,
          '127.0.0.1 includes loopback addresses, which programs on the endpoint need. It cannot be listed.',
        ]);
      }
      const empty = 'da39a3ee5e6b4b0d3255bfef95601890afd80709';
      const answer = await put({ type: 'file_sha1', content: empty, scan_action: 'log' });
      expect([answer.status, JSON.parse(answer.text).Meta.ErrorCode]).toEqual([400, 11]);
      await expect(
        objects.objects.put({ type: 'ip', content: '0.0.0.0/0', action: 'block', confirmed: true }),
      ).rejects.toThrow('It cannot be listed');
    });

    it('asks for confirmation of a file that a package owns or that many agents reported', async () => {
      const [sha1, invented] = [newSha1(), newSha1()];
      const agents = [];
      for (let index = 0; index < 5; index += 1) agents.push(await site.connected());
      const work = { kind: 'find' as const, files: [{ sha1, size: null }] };
      const task = await objects.tasks.add({ work });
      for (const agent of agents) {
        await agent.asked();
        const copies = [copyOf(sha1, { package: 'dpkg:curl' }), copyOf(invented)];
        await agent.progress(task.id, { kind: 'find', found: 2, copies });
      }
      const body = { type: 'file_sha1', content: sha1, action: 'quarantine' } as const;
      const { reasons, prevalence } = await objects.objects.check(body);
      expect(reasons.map((one) => [one.rule, one.mayConfirm])).toEqual([
        ['packaged', true],
        ['prevalent', true],
      ]);
      expect(prevalence).toMatchObject({ agents: 5, asked: 5, packages: ['dpkg:curl'] });
      expect(prevalence?.hostNames).toHaveLength(5);
      // Files that the task did not name are not believed.
      const other = { ...body, content: invented };
      expect((await objects.objects.check(other)).prevalence).toMatchObject({
        agents: 0,
        asked: 0,
      });
      await expect(objects.objects.put(body)).rejects.toThrow('Say "confirmed": true');
      expect(await objects.objects.put({ ...body, confirmed: true })).toMatchObject({ content: sha1, confirmed: true });
      // Once they have searched again and found none, no agent holds it.
      const again = await objects.tasks.add({ work });
      for (const agent of agents) await agent.progress(again.id, { kind: 'find', found: 0, copies: [] });
      expect((await objects.objects.check(body)).prevalence).toMatchObject({ agents: 0, asked: 5 });
    });

    it('accepts FileUDSO at once for a file that no agent has', async () => {
      const content = Buffer.from(`suspicious ${newSha1()}`).toString('base64');
      const body = {
        file_name: 'a.exe',
        file_content_base64_string: content,
        file_scan_action: 'QUARANTINE',
        note: '',
      };
      expect((await site.send('PUT', filePath, body)).status).toBe(200);
    });
  });

  describe('an object', () => {
    it('has the status that each agent reports under its own settings', async () => {
      const sha1 = newSha1();
      await objects.groups.put('strict', enforcing);
      await objects.groups.put('mild', { onAccess: 'log' });
      await objects.objects.put({ type: 'file', content: sha1, action: 'block', notes: 'by hand' });
      const [strict, mild] = [await ready('strict'), await ready('mild')];
      const old = await site.connected();
      await old.report();
      const { object, agents, counts } = await objects.objects.get({ type: 'file', content: sha1 });
      expect(object).toMatchObject({ action: 'block', notes: 'by hand', enforceIn: null, halted: null, detections: 0 });
      const of = (agent: FakeAgent): unknown => agents.find((one) => one.agent === agent.id);
      expect(of(strict)).toMatchObject({ status: 'enforced', group: 'strict' });
      expect(of(mild)).toMatchObject({ status: 'logged', message: 'The group "mild" only logs.' });
      expect(of(old)).toMatchObject({ status: 'pending' });
      expect(counts.enforced).toBe(1);
      expect(await site.console.agents.get(strict.id)).toMatchObject({ group: 'strict' });
      const url = { type: 'url', content: 'http://bad.example/x?y=1&z=%20', action: 'block' } as const;
      await objects.objects.put(url);
      await takeList(strict);
      const shown = await objects.objects.get(url);
      expect(shown.agents.find((one) => one.agent === strict.id)).toMatchObject({ status: 'not-enforced' });
    });

    it('is listed in pages, by type and content', async () => {
      const contents = Array.from({ length: 5 }, (_, index) => `paged-${index}.example.com`);
      for (const content of contents) await objects.objects.put({ type: 'domain', content, action: 'log' });
      const first = await objects.objects.list({ type: 'domain', search: 'PAGED-' });
      expect(first.objects.map((one) => one.content)).toEqual([...contents].reverse());
      const answer = await objects.objects.list({
        type: 'domain',
        search: 'paged-',
        after: String(first.objects[2]?.revision),
      });
      expect(answer.objects.map((one) => one.content)).toEqual(contents.slice(0, 2).reverse());
      await expect(objects.objects.list({ type: 'nonsense' })).rejects.toThrow('type is "nonsense"');
    });

    it('keeps the settings of a person when a client puts it again', async () => {
      await objects.groups.put('careful', enforcing);
      const content = '198.51.100.200';
      await objects.objects.put({ type: 'ip', content, action: 'block', enforceIn: ['careful'], haltAbove: 7 });
      expect((await put({ type: 'ip', content, scan_action: 'block', notes: 'hourly' })).status).toBe(200);
      const { object } = await objects.objects.get({ type: 'ip', content });
      expect(object).toMatchObject({ notes: 'hourly', enforceIn: ['careful'], haltAbove: 7 });
      await expect(
        objects.objects.put({ type: 'ip', content, action: 'block', enforceIn: ['nowhere'] }),
      ).rejects.toThrow('There is no group "nowhere"');
      await expect(objects.objects.put({ type: 'ip', content, action: 'block', expiresAt: 1000 })).rejects.toThrow(
        'which is in the past',
      );
    });
  });

  describe('an address', () => {
    it('is listed once, in one spelling, and removed by any', async () => {
      for (const content of ['198.51.100.77/24', '::ffff:198.51.100.0/120', '198.51.100.0/24'])
        expect((await put({ type: 'ip', content, scan_action: 'log' })).status).toBe(200);
      const found = await site.get(`${objectsPath}?type=ip&contentFilter=::FFFF:198.51.100.9/120`);
      expect(dataOf(found).map((one) => one['content'])).toEqual(['198.51.100.0/24']);
      const query = `${objectsPath}?type=ip&content=198.51.100.1/24`;
      expect(dataOf(await site.call({ method: 'DELETE', path: query }))).toBeNull();
      await expect(objects.objects.get({ type: 'ip', content: '198.51.100.0/24' })).rejects.toThrow(
        'is not on the list',
      );
    });

    it('that an agent exempts, or that is within a blocked network, says so', async () => {
      await objects.groups.put('edges', enforcing);
      const [wide, narrow, server] = ['203.0.113.0/24', '203.0.113.7', '198.51.100.201'];
      await objects.objects.put({ type: 'ip', content: wide, action: 'block' });
      await objects.objects.put({ type: 'ip', content: narrow, action: 'log' });
      await objects.objects.put({ type: 'ip', content: server, action: 'block' });
      const agent = await ready('edges');
      const exempt = { objects: [{ content: server, whole: true, what: `${server} (a server)` }], more: 0 };
      await agent.report({ objects: { ...able, exempt } });
      const status = async (content: string): Promise<unknown> => {
        const { agents } = await objects.objects.get({ type: 'ip', content });
        const { status: word, message } = agents.find((one) => one.agent === agent.id) ?? {};
        return [word, message];
      };
      expect(await status(server)).toEqual(['not-enforced', `This agent exempts it: ${server} (a server).`]);
      expect(await status(wide)).toEqual(['enforced', null]);
      const message = `It is within ${wide}, which is blocked. Detections name ${wide}.`;
      expect(await status(narrow)).toEqual(['enforced', message]);
    });
  });

  it('the size that a person gives for a bare hash is ignored', async () => {
    const [bare, whole] = [newSha1(), newSha1()];
    expect(await objects.objects.put({ type: 'file_sha1', content: bare, action: 'log', size: 7 })).toMatchObject({
      size: null,
    });
    expect(await objects.objects.put({ type: 'file', content: whole, action: 'log', size: 7 })).toMatchObject({
      size: 7,
    });
  });

  describe('a canary', () => {
    it('is halted once more agents than its limit detect it', async () => {
      await objects.groups.put('canaries', enforcing);
      const sha1 = newSha1();
      const listed = await objects.objects.put({
        type: 'file',
        content: sha1,
        action: 'block',
        enforceIn: ['canaries'],
      });
      expect(listed).toMatchObject({ enforceIn: ['canaries'], haltAbove: 3, halted: null });
      const agents = [];
      for (let index = 0; index < 4; index += 1) agents.push(await site.connected());
      const file = detectedFile({ sha1 });
      for (const agent of agents.slice(0, 3)) await agent.detect(detection(1, { file }), detection(2, { file }));
      const before = await objects.objects.get({ type: 'file', content: sha1 });
      expect(before.object).toMatchObject({ halted: null, detections: 6 });
      await agents[3]?.detect(detection(1, { file }));
      const halted = await eventually('it is halted', async () => {
        const { object } = await objects.objects.get({ type: 'file', content: sha1 });
        return object.halted === null ? undefined : object;
      });
      expect(halted.enforceIn).toEqual([]);
      expect(halted.halted?.message).toContain(
        '4 agents detected it within an hour, and the limit of this canary is 3.',
      );
      expect(halted.revision).toBeGreaterThan(listed.revision);
      expect(await actsInAudit(sha1)).toContain('halt-object');
      const page = await agents[0]?.channel.next('objects-changed');
      expect(page?.revision).toBeGreaterThan(0);
      // A confirmed request lists it.
      const again = await objects.objects.put({
        type: 'file',
        content: sha1,
        action: 'block',
        enforceIn: null,
        confirmed: true,
      });
      expect(again).toMatchObject({ enforceIn: null, halted: null });
    });
  });

  describe('an undo', () => {
    it('removes the object and restores its files everywhere, once each agent has the list without it', async () => {
      const sha1 = newSha1();
      await objects.objects.put({ type: 'file', content: sha1, action: 'quarantine' });
      const [here, off, late, clean] = [
        await site.connected(),
        await site.connected(),
        await site.connected(),
        await site.connected(),
      ];
      await here.detect(quarantined(1, sha1));
      await off.detect(quarantined(1, sha1));
      await off.channel.close();
      await late.channel.close();
      await objects.objects.undo({ type: 'file', content: sha1.toLowerCase(), reason: 'our own tool' });
      await expect(objects.objects.get({ type: 'file', content: sha1 })).rejects.toThrow('is not on the list');
      const [task] = await objects.tasks.list();
      expect(task).toMatchObject({ kind: 'restore-files', agents: 2, state: 'running' });
      const files = await objects.quarantine.list({ content: sha1 });
      expect(files.map((one) => one.state)).toEqual(['restoring', 'restoring']);
      // The agent still has the object on its list, and would quarantine the file again.
      const { revision } = await here.channel.next('objects-changed');
      expect(here.channel.left).not.toContain('task');
      await here.report({ objectsRevision: revision });
      const asked = await here.asked();
      expect(asked).toMatchObject({
        work: { kind: 'restore-files', quarantine: null, object: { type: 'file', content: sha1 } },
      });
      await here.detect(detection(2, { ...quarantined(2, sha1), action: 'logged' }));
      await here.progress(asked.task, { kind: 'restore-files', found: 1 });
      off.objectsRevision = revision;
      await off.connect(site.server);
      await off.report();
      expect(await off.asked()).toMatchObject({ task: asked.task });
      // One that was offline all the time has quarantined a file that the server did not know of.
      late.objectsRevision = revision;
      await late.connect(site.server);
      await late.report();
      // The task may arrive before the acknowledgement, so the test does not wait in between.
      late.sendDetections([quarantined(1, sha1)]);
      expect(await late.asked()).toMatchObject({ task: asked.task });
      expect(clean.channel.left).not.toContain('task');
      expect(await actsInAudit(sha1)).toEqual(expect.arrayContaining(['undo-object', 'task-restore-files']));
      await expect(objects.objects.undo({ type: 'file', content: newSha1() })).rejects.toThrow('is not on the list');
    });
  });

  it('a hundred agents receive a file within a second of its upload', async () => {
    const agents = await Promise.all(Array.from({ length: 100 }, () => site.connected()));
    const took = await quickest(1000, async () => {
      const content = Buffer.from(`for all ${newSha1()}`).toString('base64');
      const body = { file_name: 'b.exe', file_content_base64_string: content, file_scan_action: 'BLOCK', note: '' };
      const started = performance.now();
      expect((await site.send('PUT', filePath, body)).status).toBe(200);
      const pages = await Promise.all(
        agents.map(async (agent) => {
          const { revision } = await agent.channel.next('objects-changed');
          agent.channel.sendText(JSON.stringify({ frame: 'objects-after', revision: revision - 1 }));
          return JSON.parse((await agent.channel.next('objects')).page.document);
        }),
      );
      expect(new Set(pages.map((page) => page.put.at(-1)?.action))).toEqual(new Set(['block']));
      return performance.now() - started;
    });
    expect(took).toBeLessThan(1000);
  }, 180_000);
});
