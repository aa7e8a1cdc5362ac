/** An account limited to folders: only its part of detections, quarantines, tasks, overview and audit. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseKinds } from '../harness/databases.ts';
import { detection, newSha1, quarantined } from './object-samples.ts';
import type { FakeAgent } from './fake-agent.ts';
import { administrator, person, reasonOf } from './callers.ts';
import type { Caller } from './callers.ts';
import { Site } from './site.ts';

const sweep = { kind: 'sweep', act: false, roots: ['/srv'] } as const;
const limited = ['operator', 'reader'] as const;

async function list(who: Caller, name: string, query = ''): Promise<Record<string, unknown>[]> {
  const { [name]: found } = await who.ask('GET', `/api/v1/${query}`);
  if (!Array.isArray(found)) throw new Error(`GET ${query} answered no list of ${name}.`);
  return found;
}

/** Ids of everything in a list, page by page. */
async function pagedIds(who: Caller, name: string, path: (next: number) => string, start: number): Promise<number[]> {
  const ids: number[] = [];
  for (let next: number | null = start; next !== null;) {
    const page: Record<string, unknown> = await who.ask('GET', `/api/v1/${path(next)}`);
    const { [name]: found } = page;
    if (Array.isArray(found)) ids.push(...found.map((one) => Number(one.id)));
    next = page['next'] === null ? null : Number(page['next']);
  }
  return ids;
}

async function agentsIn(who: Caller, name: string, query: string): Promise<unknown[]> {
  return [...new Set((await list(who, name, query)).map((one) => one['agent']))];
}

/** A request about another folder's object is answered like one about an object that does not exist. */
async function expectUnknown(who: Caller, ask: (id: string) => [string, string, unknown?], id: string): Promise<void> {
  const absent = '00000000-0000-4000-8000-000000000000';
  const [outside, nobody] = [await who.call(...ask(id)), await who.call(...ask(absent))];
  expect([outside.status, outside.text.replaceAll(id, absent)]).toEqual([nobody.status, nobody.text]);
  expect(outside.status).toBe(404);
}

describe.each(databaseKinds())('on $name', (kind) => {
  let site: Site;
  let admin: Caller;
  let callers: Record<(typeof limited)[number], Caller>;
  let paris: FakeAgent;
  let berlin: FakeAgent;
  const [shared, theirs] = [newSha1(), newSha1()];
  const own = quarantined(2, shared);
  const foreign = quarantined(2, shared);

  beforeAll(async () => {
    site = await Site.open(kind);
    admin = await administrator(site.server);
    const scope = ['Workgroup/Paris'];
    callers = {
      operator: await person(site.server, admin, { user: 'operator', role: 'Operator', scope }),
      reader: await person(site.server, admin, { user: 'reader', role: 'Viewer', scope }),
    };
    paris = await site.connected({ folder: 'Workgroup\\Paris\\Office' });
    berlin = await site.connected({ folder: 'Workgroup\\Paris-Berlin' });
    await paris.detect(detection(1), own);
    await berlin.detect(detection(1, { object: { type: 'file', content: theirs } }), foreign);
  }, 300_000);
  afterAll(() => site.close());

  describe.each(limited)('the %s', (name) => {
    const me = (): Caller => callers[name];

    it('sees detections of own endpoints only, whatever the filter', async () => {
      expect(await agentsIn(admin, 'detections', 'detections')).toHaveLength(2);
      const whole = await list(me(), 'detections', 'detections');
      expect(whole.map((one) => one['agent'])).toEqual([paris.id, paris.id]);
      for (const query of [`agent=${berlin.id}`, `content=${theirs}`, 'before=999999&type=ip']) {
        expect(await list(me(), 'detections', `detections?${query}`)).toEqual([]);
      }
      const both = await list(me(), 'detections', `detections?content=${shared}&search=invoice&group=default`);
      expect(both.map((one) => one['agent'])).toEqual([paris.id]);
      const ids = await pagedIds(me(), 'detections', (next) => `detections?limit=1&before=${next}`, 999_999);
      expect(ids).toEqual(whole.map((one) => one['id']));
    });

    it('gets sums of own detections only', async () => {
      const { buckets, objects } = await me().ask('GET', '/api/v1/detections/summary');
      expect(Array.isArray(objects) ? objects.map((one) => [one.count, one.agents]) : objects).toEqual([
        [1, 1],
        [1, 1],
      ]);
      expect(JSON.stringify(objects)).not.toContain(theirs);
      const counts: Record<string, number>[] = Array.isArray(buckets) ? buckets.map((bucket) => bucket.counts) : [];
      const sumOf = (action: string): number => counts.reduce((sum, one) => sum + (one[action] ?? 0), 0);
      expect([sumOf('logged'), sumOf('quarantined')]).toEqual([1, 1]);
    });

    it('sees quarantined files of own endpoints', async () => {
      for (const query of ['', `?content=${shared}`, `?agent=${paris.id}`]) {
        expect((await list(me(), 'files', `quarantine${query}`)).map((one) => one['quarantine'])).toEqual([own.name]);
      }
      expect(await list(me(), 'files', `quarantine?agent=${berlin.id}`)).toEqual([]);
    });

    it('sees of a task of the whole fleet the part of own endpoints, and of other tasks nothing', async () => {
      const whole = await admin.ask('POST', '/api/v1/tasks', { work: sweep });
      const other = await admin.ask('POST', '/api/v1/tasks', { work: sweep, selector: { entityId: berlin.id } });
      const [id, foreignId] = [String(whole['id']), String(other['id'])];
      await paris.progress(id, { state: 'running', files: 7 });
      await berlin.progress(id, { state: 'done', files: 100, found: 3 });
      const { task, agents } = await me().ask('GET', `/api/v1/tasks/${id}`);
      const part = {
        agents: 1,
        running: 1,
        done: 0,
        files: 7,
        found: 0,
        foundOn: 0,
        part: true,
        requestedBy: 'user:admin',
      };
      expect(task).toMatchObject(part);
      expect(agents).toMatchObject([{ agent: paris.id }]);
      const listed = await list(me(), 'tasks', 'tasks');
      expect(listed.find((one) => one['id'] === id)).toMatchObject(part);
      expect(listed.map((one) => one['id'])).not.toContain(foreignId);
      expect((await admin.ask('GET', `/api/v1/tasks/${id}`))['task']).toMatchObject({ agents: 2, files: 107 });
      await expectUnknown(me(), (which) => ['GET', `/api/v1/tasks/${which}`], foreignId);
    });

    it('sees which own endpoints a restore was requested for, and no file of another endpoint', async () => {
      const body = {
        files: [
          { agent: paris.id, quarantine: own.name },
          { agent: berlin.id, quarantine: foreign.name },
        ],
      };
      const { id } = await admin.ask('POST', '/api/v1/quarantine/restore', body);
      const { task } = await me().ask('GET', `/api/v1/tasks/${String(id)}`);
      expect(task).toMatchObject({ part: true, work: { kind: 'restore-files', quarantine: [own.name] } });
      expect(JSON.stringify(await me().ask('GET', '/api/v1/tasks'))).not.toContain(foreign.name);
    });

    it('gets numbers of own endpoints only', async () => {
      for (const agent of [paris, berlin]) {
        await site.act('cmd_isolate_agent', { entity_id: agent.id });
        // Earlier desired states, which nobody has read, may come first.
        let desired = await agent.ordered();
        while (desired.isolation !== 'isolated') desired = await agent.ordered();
        await agent.report({ isolation: 'isolated', epoch: desired.epoch });
      }
      const overview = await me().ask('GET', '/api/v1/overview');
      expect(overview).toMatchObject({
        now: { agents: 1, online: 1, isolated: 1, isolating: 0, waiting: 0 },
        fleet: [],
      });
      expect(overview['isolated']).toMatchObject([{ agent: paris.id }]);
      expect((await admin.ask('GET', '/api/v1/overview'))['now']).toMatchObject({ agents: 2, online: 2, isolated: 2 });
      for (const agent of [paris, berlin]) {
        await site.act('cmd_restore_isolated_agent', { entity_id: agent.id });
        await agent.report({ isolation: 'normal', epoch: (await agent.ordered()).epoch });
      }
    });

    it('reads the lines about own endpoints and of own acts, and of a line about others too the own part', async () => {
      const many = { act: 'isolate', selector: { product: 'SLF_PRODUCT_OFFICESCAN_CE' }, allowMultiple: true };
      await admin.ask('POST', '/api/v1/acts', many);
      await admin.ask('POST', '/api/v1/acts', { ...many, act: 'release' });
      await admin.ask('POST', '/api/v1/acts', { act: 'isolate', selector: { entityId: berlin.id } });
      await admin.ask('POST', '/api/v1/acts', { act: 'release', selector: { entityId: berlin.id } });
      for (const agent of [paris, berlin]) await agent.ordered();
      const page = await me().ask('GET', '/api/v1/audit?limit=1000');
      const lines = await list(me(), 'lines', 'audit?limit=1000');
      expect([page['part'], JSON.stringify(page).includes(berlin.id)]).toEqual([true, false]);
      expect(new Set(lines.map((line) => line['hash']))).toEqual(new Set(['']));
      const act = lines.find((line) => line['actor'] === 'user:admin' && line['act'] === 'isolate');
      expect(act).toMatchObject({
        target: expect.stringMatching(new RegExp(String.raw`^${paris.id} \(PC\d+\)$`)),
        detail: 'It also affected endpoints outside your folders.',
      });
      const others = lines.filter((line) => line['actor'] !== `user:${name}`).map((line) => line['act']);
      for (const kept of ['add-application', 'add-account', 'sign-in']) expect(others).not.toContain(kept);
      expect(lines.filter((line) => line['act'] === 'sign-in').map((line) => line['actor'])).toContain(`user:${name}`);
    });

    it('pages through that part in both directions, and by endpoint', async () => {
      const whole = (await list(me(), 'lines', 'audit?limit=1000')).map((line) => Number(line['id']));
      const back = await pagedIds(me(), 'lines', (next) => `audit?limit=2&before=${next}`, whole[0] ?? 0);
      const on = await pagedIds(me(), 'lines', (next) => `audit?limit=3&after=${next}`, 0);
      expect([whole[0], ...back]).toEqual(whole);
      // Reading writes no audit line, so going forward in time gives the same lines in reverse.
      expect(on.toReversed()).toEqual(whole);
      expect((await list(me(), 'lines', `audit?agent=${berlin.id}`)).length).toBe(0);
      expect((await list(me(), 'lines', `audit?agent=${paris.id}`)).at(-1)).toMatchObject({ act: 'enrol' });
      expect(reasonOf(await me().call('GET', '/api/v1/audit/checkpoints'))).toBe('not-permitted');
    });
  });

  describe('the operator', () => {
    it('starts tasks on own endpoints only, and cancels only tasks without other endpoints', async () => {
      const mine = await callers.operator.ask('POST', '/api/v1/tasks', { work: sweep });
      expect(mine).toMatchObject({ agents: 1, requestedBy: 'user:operator' });
      expect(mine['part']).toBeUndefined();
      const [line] = await list(callers.operator, 'lines', 'audit?limit=1');
      expect(line).toMatchObject({ act: 'task-sweep', target: 'all 1 agents of Workgroup\\Paris' });
      const whole = await admin.ask('POST', '/api/v1/tasks', { work: sweep });
      const refused = await callers.operator.call('POST', `/api/v1/tasks/${String(whole['id'])}/cancel`);
      expect([refused.status, reasonOf(refused)]).toEqual([403, 'not-permitted']);
      const cancelled = await callers.operator.ask('POST', `/api/v1/tasks/${String(mine['id'])}/cancel`);
      expect(cancelled['state']).toBe('cancelled');
      const other = await admin.ask('POST', '/api/v1/tasks', { work: sweep, selector: { entityId: berlin.id } });
      await expectUnknown(callers.operator, (id) => ['POST', `/api/v1/tasks/${id}/cancel`], String(other['id']));
    });

    it.each([
      sweep,
      { kind: 'find', files: [{ sha1: shared, size: null }], roots: null },
      { kind: 'end-processes', processes: [{ pid: 7, startedAt: 9 }] },
      { kind: 'restore-files', quarantine: [foreign.name], object: null },
    ])('asks nothing of an endpoint outside: $kind', async (work) => {
      expect.hasAssertions();
      await expectUnknown(
        callers.operator,
        (entityId) => ['POST', '/api/v1/tasks', { work, selector: { entityId } }],
        berlin.id,
      );
    });

    it('restores own files only', async () => {
      await expectUnknown(
        callers.operator,
        (name) => ['POST', '/api/v1/quarantine/restore', { files: [{ agent: berlin.id, quarantine: name }] }],
        foreign.name,
      );
      const both = {
        files: [
          { agent: paris.id, quarantine: own.name },
          { agent: berlin.id, quarantine: foreign.name },
        ],
      };
      const task = await callers.operator.ask('POST', '/api/v1/quarantine/restore', both);
      expect(task).toMatchObject({ agents: 1, work: { quarantine: [own.name] } });
    });
  });

  it('loses an endpoint at once when it is moved out of the folders, with all its records', async () => {
    const task = await callers.operator.ask('POST', '/api/v1/tasks', { work: sweep });
    await admin.ask('GET', '/api/v1/agents');
    expect((await list(callers.reader, 'agents', 'agents')).map((one) => one['agent'])).toEqual([paris.id]);
    const moved = await site.act('cmd_relocate_agent', {
      entity_id: paris.id,
      relocate_to_folder_path: 'Workgroup\\Paris-Berlin',
    });
    expect(moved.status).toBe(200);
    for (const name of limited) {
      const me = callers[name];
      expect(await list(me, 'agents', 'agents')).toEqual([]);
      expect(await list(me, 'detections', 'detections')).toEqual([]);
      expect(await list(me, 'files', 'quarantine')).toEqual([]);
      expect(await list(me, 'tasks', 'tasks')).toEqual([]);
      expect((await me.call('GET', `/api/v1/tasks/${String(task['id'])}`)).status).toBe(404);
      expect((await me.ask('GET', '/api/v1/overview'))['isolated']).toEqual([]);
      const lines = await list(me, 'lines', 'audit?limit=1000');
      expect(new Set(lines.map((line) => line['actor']))).toEqual(new Set([`user:${name}`]));
    }
  });
});
