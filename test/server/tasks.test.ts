/**
 * Tasks: recorded, sent, sent again until they are finished, cancelled, too late, and accepted only from their agent.
 */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signDocument } from '@cordon/protocol/channel';
import type { TaskWork } from '@cordon/protocol/channel';
import { toJson } from '../../packages/server/src/database/json.ts';
import type { ConsoleClient } from '@cordon/sdk';
import { databaseKinds } from '../harness/databases.ts';
import { eventually } from '../harness/eventually.ts';
import { copyOf, newSha1 } from './object-samples.ts';
import { Site } from './site.ts';

const sweep = { kind: 'sweep', act: false, roots: null } as const;

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

  it('reach their agents, and show how far each has come', async () => {
    await objects.groups.put('swept', {});
    const [one, two, other] = [await site.connected(), await site.connected(), await site.connected()];
    for (const agent of [one, two]) await objects.agents.moveToGroup(agent.id, 'swept');
    const task = await objects.tasks.add({ work: sweep, group: 'swept', reason: 'monthly' });
    expect(task).toMatchObject({
      kind: 'sweep',
      agents: 2,
      running: 0,
      done: 0,
      state: 'running',
      requestedBy: 'user:admin',
    });
    const document = await one.asked();
    expect(document).toEqual({
      agent: one.id,
      enrolment: one.enrolment,
      task: task.id,
      issuedAt: task.requestedAt,
      expiresAt: task.expiresAt,
      work: sweep,
    });
    await two.asked();
    await one.progress(task.id, { state: 'running', files: 10, of: 100, bytes: 7 });
    expect((await objects.tasks.get(task.id)).task).toMatchObject({
      running: 1,
      done: 0,
      files: 10,
      bytes: 7,
      foundOn: 0,
    });
    const copies = [copyOf(newSha1())];
    await one.progress(task.id, { files: 100, of: 100, bytes: 70, found: 1, copies, message: 'One was busy.' });
    await two.progress(task.id, { state: 'failed', message: 'The disk is gone.' });
    const { task: over, agents } = await objects.tasks.get(task.id);
    expect(over).toMatchObject({ done: 1, failed: 1, files: 100, found: 1, foundOn: 1, state: 'done' });
    const mine = agents.find((agent) => agent.agent === one.id);
    expect(mine).toMatchObject({ online: true, progress: { state: 'done', copies, message: 'One was busy.' } });
    expect(other.channel.left).not.toContain('task');
    const { lines } = await site.console.audit.list({ limit: 1000 });
    const line = lines.find((entry) => entry.act === 'task-sweep' && entry.detail.includes('monthly'));
    expect(line?.target).toContain(one.id);
  });

  it('wait for an agent that is off, and are sent on every new channel until they are finished', async () => {
    const agent = await site.enrol();
    const task = await objects.tasks.add({ work: sweep, selector: { entityId: agent.id } });
    await agent.connect(site.server);
    expect((await agent.asked()).task).toBe(task.id);
    await agent.progress(task.id, { state: 'running' });
    await agent.channel.close();
    await agent.connect(site.server);
    expect((await agent.asked()).task).toBe(task.id);
    await agent.progress(task.id);
    await agent.channel.close();
    await agent.connect(site.server);
    await agent.report();
    expect(agent.channel.left).not.toContain('task');
  });

  it('keep what came last: an older progress, or one after the end, changes nothing', async () => {
    const agent = await site.connected();
    const task = await objects.tasks.add({ work: sweep, selector: { entityId: agent.id } });
    const at = Date.now();
    await agent.progress(task.id, { state: 'running', files: 5, at });
    await agent.progress(task.id, { state: 'running', files: 4, at: at - 1 });
    expect((await objects.tasks.get(task.id)).task).toMatchObject({ files: 5 });
    await agent.progress(task.id, { files: 9, at: at + 1 });
    await agent.progress(task.id, { state: 'running', files: 1, at: at + 2 });
    expect((await objects.tasks.get(task.id)).task).toMatchObject({ files: 9, done: 1, state: 'done' });
  });

  it('are cancelled: waiting ones never begin, running ones are stopped', async () => {
    const [running, off] = [await site.connected(), await site.enrol()];
    await objects.groups.put('cancelled', {});
    for (const agent of [running, off]) await objects.agents.moveToGroup(agent.id, 'cancelled');
    const task = await objects.tasks.add({ work: sweep, group: 'cancelled' });
    await running.asked();
    await running.progress(task.id, { state: 'running', files: 3 });
    expect(await objects.tasks.cancel(task.id)).toMatchObject({ state: 'cancelled' });
    expect(await running.asked()).toMatchObject({ task: `cancel:${task.id}`, work: { kind: 'cancel', task: task.id } });
    await running.progress(task.id, { state: 'cancelled', files: 3 });
    await off.connect(site.server);
    expect((await off.asked()).work).toEqual({ kind: 'cancel', task: task.id });
    await off.progress(`cancel:${task.id}`, { kind: 'cancel' });
    await off.channel.close();
    await off.connect(site.server);
    await off.report();
    expect(off.channel.left).not.toContain('task');
    expect((await objects.tasks.get(task.id)).task).toMatchObject({ running: 0, done: 0, failed: 0, files: 3 });
    await expect(objects.tasks.cancel(task.id)).rejects.toThrow('is already cancelled');
    await expect(objects.tasks.cancel('nobody')).rejects.toThrow('There is no task nobody');
  });

  it('that nobody began in time are too late, and are not sent', async () => {
    const agent = await site.enrol();
    const task = await objects.tasks.add({ work: sweep, selector: { entityId: agent.id } });
    const over = { expires_at: Date.now() - 1 };
    await site.tamper((tx) => tx.updateTable('fleet_tasks').set(over).where('id', '=', task.id).execute());
    await agent.connect(site.server);
    await agent.report();
    expect(agent.channel.left).not.toContain('task');
    expect((await objects.tasks.get(task.id)).task).toMatchObject({ failed: 1, state: 'done' });
  });

  it('that were written by somebody else are not sent, and are reported', async () => {
    const [agent, victim] = [await site.enrol(), await site.enrol()];
    const task = await objects.tasks.add({ work: sweep, selector: { entityId: agent.id } });
    await site.tamper(async (tx) => {
      const row = await tx.selectFrom('agent_tasks').selectAll().where('task', '=', task.id).executeTakeFirstOrThrow();
      const number = await tx
        .selectFrom('agents')
        .select('number')
        .where('entity_id', '=', victim.id)
        .executeTakeFirstOrThrow();
      await tx
        .insertInto('agent_tasks')
        .values({ ...row, agent_number: number.number })
        .execute();
      const work = toJson<TaskWork>({ kind: 'end-processes', processes: [{ pid: 1, startedAt: 1 }] });
      await tx.updateTable('fleet_tasks').set({ work }).where('id', '=', task.id).execute();
    });
    for (const one of [agent, victim]) {
      await one.connect(site.server);
      await one.report();
      expect(one.channel.left).not.toContain('task');
    }
    await eventually('it is audited', async () => {
      const { lines } = await site.console.audit.list({ limit: 1000 });
      const forged = lines.filter((line) => line.act === 'task-forged' && line.target.includes(task.id));
      return forged.length >= 2 ? true : undefined;
    });
  });

  it.each(['key', 'agent'] as const)('whose progress is signed by another %s end the channel', async (what) => {
    const [agent, other] = [await site.connected(), await site.connected()];
    const task = await objects.tasks.add({ work: sweep, selector: { entityId: agent.id } });
    await agent.asked();
    const counts = { files: 1, of: null, bytes: 0, unreadable: 0, found: 0, copies: [], message: null };
    const said = { enrolment: agent.enrolment, task: task.id, kind: 'sweep', at: Date.now(), state: 'done' as const };
    const progress = { agent: what === 'agent' ? other.id : agent.id, ...said, ...counts };
    const key = what === 'key' ? generateKeyPairSync('ed25519').privateKey : agent.privateKey;
    agent.channel.sendText(JSON.stringify({ frame: 'progress', progress: signDocument('progress', progress, key) }));
    expect(await agent.channel.ended).toMatchObject({ word: 'frame-invalid' });
    expect((await objects.tasks.get(task.id)).task).toMatchObject({ done: 0, files: 0 });
  });

  it('that an agent was never asked for are acknowledged and passed over', async () => {
    const [agent, other] = [await site.connected(), await site.connected()];
    const task = await objects.tasks.add({ work: sweep, selector: { entityId: other.id } });
    await agent.progress(task.id, { found: 5 });
    await agent.progress('list:999999', { found: 5 });
    await agent.progress('what:ever', { found: 5 });
    expect((await objects.tasks.get(task.id)).task).toMatchObject({ agents: 1, found: 0 });
    const tasks = await objects.tasks.list();
    expect(tasks.map((one) => one.id)).not.toContain('list:999999');
  });

  it('that an agent began by itself are shown, the newest of each agent', async () => {
    const agent = await site.connected();
    const first = await objects.objects.put({ type: 'domain', content: 'own-sweep-1.example', action: 'log' });
    const second = await objects.objects.put({ type: 'domain', content: 'own-sweep-2.example', action: 'log' });
    await agent.progress(`list:${first.revision}`, { files: 5 });
    await agent.progress(`list:${second.revision}`, { files: 7 });
    await agent.progress(`list:${first.revision}`, { files: 6, at: Date.now() + 1000 });
    const { task, agents } = await objects.tasks.get(`list:${second.revision}`);
    expect(task).toMatchObject({ requestedBy: 'agent', kind: 'sweep', agents: 1, done: 1, files: 7 });
    expect(agents).toMatchObject([{ agent: agent.id, progress: { files: 7 } }]);
    expect((await objects.tasks.get(`list:${first.revision}`)).task).toMatchObject({ agents: 0 });
    await agent.channel.close();
    await agent.connect(site.server);
    await agent.report();
    expect(agent.channel.left).not.toContain('task');
    await expect(objects.tasks.cancel(`list:${second.revision}`)).rejects.toThrow('start this sweep themselves');
  });

  it('are refused where nobody fits, and where processes of several would end', async () => {
    const [one, two] = [await site.enrol(), await site.enrol()];
    const nobody = { entityId: '00000000-0000-0000-0000-000000000000' };
    await expect(objects.tasks.add({ work: sweep, selector: nobody })).rejects.toThrow('No agent matches');
    const work = { kind: 'end-processes' as const, processes: [{ pid: 7, startedAt: 9 }] };
    await expect(objects.tasks.add({ work })).rejects.toThrow('processes belong to one endpoint');
    const task = await objects.tasks.add({ work, selector: { entityId: one.id } });
    expect(task.expiresAt - task.requestedAt).toBe(3_600_000);
    await one.connect(site.server);
    expect((await one.asked()).work).toEqual(work);
    await two.connect(site.server);
    await two.report();
    expect(two.channel.left).not.toContain('task');
  });

  it('are sent to an agent of a later version', async () => {
    const agent = await site.enrol();
    agent.version = 2;
    await objects.tasks.add({ work: sweep, selector: { entityId: agent.id } });
    await agent.connect(site.server);
    expect((await agent.asked()).work).toEqual(sweep);
  });
});
