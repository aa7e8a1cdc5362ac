/** The command line against a real server with a simulated endpoint: suspicious objects. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { detection, detectedFile, newSha1, quarantined } from '../server/object-samples.ts';
import { FakeAgent, factsOf } from '../server/fake-agent.ts';
import type { Harness, Ran, Served } from './harness.ts';
import { RealServer } from './real-server.ts';

let real: RealServer;
let harness: Harness<Served>;

beforeEach(async () => {
  real = await RealServer.start();
  ({ harness } = real);
});

afterEach(() => real.stop());

/** A command that must succeed. */
async function cordon(line: string): Promise<Ran> {
  const ran = await harness.run(line);
  expect({ line, ...ran }).toMatchObject({ code: 0 });
  return ran;
}

const sha1 = createHash('sha1').update('a sample').digest('hex').toUpperCase();

describe('groups', () => {
  it('are off until one is set, and an agent that is moved follows its settings', async () => {
    await real.endpoint('client01');
    expect((await cordon('groups list')).out).toMatch(/^default +1 +off +off +off/m);
    const { out } = await cordon('groups set canary --on-access enforce --network enforce --sweep log --sweep-rate 10');
    expect(out).toMatch(/^canary +0 +enforce +log +enforce +allow +10 MB\/s$/m);
    await cordon('groups move canary client01');
    expect((await cordon('groups list')).out).toMatch(/^canary +1 /m);
    expect(await harness.run('groups remove canary --yes')).toMatchObject({ code: 4 });
    await cordon('groups move default client01');
    await cordon('groups remove canary --yes');
    expect((await cordon('groups list --json')).out).not.toContain('canary');
  });

  it('with an unknown mode are refused before anything is sent', async () => {
    const { code, err } = await harness.run('groups set canary --on-access block');
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringContaining('--on-access "block" is not valid.\nUse one of off, log, enforce.'),
    });
  });
});

describe('an object', () => {
  it('in a canary group is enforced there, logged elsewhere, and undone', async () => {
    await real.endpoint('client01');
    await cordon('groups set canary --on-access enforce --network enforce');
    await cordon('groups move canary client01');
    const { out } = await cordon(`objects add file_sha1 ${sha1} --action block --in canary --halt-above 5`);
    expect(out).toBe(`Added file_sha1 ${sha1}: block, in canary, logged elsewhere.\n`);
    await eventually('the agent has it', async () => {
      const { object, counts } = JSON.parse((await cordon(`objects show file_sha1 ${sha1} --json`)).out);
      expect(object).toMatchObject({ action: 'block', enforceIn: ['canary'], haltAbove: 5 });
      return counts.enforced === 1 ? true : undefined;
    });
    expect((await cordon(`objects show file_sha1 ${sha1}`)).out).toMatch(/^client01 +canary +enforced/m);
    await cordon(`objects undo file_sha1 ${sha1} --reason "case 12" --yes`);
    expect(JSON.parse((await cordon('objects list --json')).out)).toEqual([]);
    expect((await cordon('audit --json --limit 20')).out).toContain('case 12');
  });

  it('that listing safety asks about is added once confirmed, and one that it refuses is never added', async () => {
    const asked = await harness.run('objects check ip 10.1.1.1 --action block');
    expect(asked).toMatchObject({ code: 1, out: expect.stringContaining('Needs confirmation: ') });
    const refused = await harness.run('objects check ip 127.0.0.1 --action block');
    expect(refused).toMatchObject({ code: 1, out: expect.stringContaining('Refused: ') });
    const first = await harness.run('objects add ip 10.1.1.1 --action block');
    expect({ code: first.code, err: first.err }).toEqual({ code: 4, err: expect.stringContaining('10 minutes') });
    await cordon('objects add ip 10.1.1.1 --action block --confirm');
    expect((await cordon('objects list --type ip')).out).toContain('10.1.1.1');
  });
});

describe('a task', () => {
  it('searches for a content, and ends with 3 when no agent has it', async () => {
    await real.endpoint('client01');
    await writeFile(join(real.data, 'sample.bin'), 'a sample');
    const { code, out, err } = await harness.run('objects find sample.bin');
    expect({ code, out }).toEqual({
      code: 3,
      out: expect.stringContaining('done; 1 of 1 agent done, 0 failed; 0 found'),
    });
    expect(err).toContain('1 of 1 agents');
    const [task] = JSON.parse((await cordon('tasks list --json')).out);
    expect(task).toMatchObject({ kind: 'find', state: 'done', requestedBy: 'user:admin', agents: 1, done: 1 });
    expect((await cordon(`tasks show ${task.id}`)).out).toMatch(/^client01 +done/m);
    expect(await harness.run('objects find nothing-here')).toMatchObject({ code: 2 });
  });

  it('sweeps the agents that are named, and none by accident', async () => {
    await real.endpoint('client01');
    expect(await harness.run('agents sweep')).toMatchObject({ code: 2 });
    expect(await harness.run('agents sweep client01 --all')).toMatchObject({ code: 2 });
    expect((await cordon('agents sweep client01 --root /srv')).out).toMatch(/^client01 +done/m);
    expect((await cordon('agents sweep --all --background')).out).toContain('sweep');
  });
});

describe('a file in quarantine', () => {
  it('is restored by its ID, and by its agent as well when two report that ID', async () => {
    const { token } = JSON.parse((await cordon('enrol-token --uses 2 --json')).out);
    const [one, other] = await Promise.all(
      ['client01', 'client02'].map((name) => FakeAgent.enrol(real.server, String(token), factsOf(name))),
    );
    if (one === undefined || other === undefined) throw new Error('Two agents were enrolled.');
    await Promise.all([one.connect(real.server), other.connect(real.server)]);
    const [own, claimed] = [quarantined(1, newSha1()), quarantined(2, newSha1())];
    await one.detect(own, claimed);
    await other.detect(detection(1, { file: detectedFile({ quarantine: claimed.name }), action: 'quarantined' }));
    expect((await cordon(`quarantine restore ${own.name} --yes`)).out).toContain('Requested on 1 agent;');
    expect(await one.asked()).toMatchObject({ work: { kind: 'restore-files', quarantine: [own.name] } });
    const refused = await harness.run(`quarantine restore ${claimed.name} --yes`);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain(`2 agents report file ${claimed.name} in quarantine.`);
    expect(refused.err).toContain(one.id);
    expect(refused.err).toContain(other.id);
    expect((await cordon(`quarantine restore ${claimed.name} client01 --yes`)).out).toContain('Requested on 1 agent;');
    expect(await one.asked()).toMatchObject({ work: { quarantine: [claimed.name] } });
    expect(other.channel.left).not.toContain('task');
    expect(await harness.run(`quarantine restore ${own.name} client02 --yes`)).toMatchObject({
      code: 3,
      err: expect.stringContaining(`There is no file ${own.name} in the quarantine of agent "client02".`),
    });
  });
});

describe('what endpoints detected', () => {
  it('is nothing yet, and says so', async () => {
    expect((await cordon('detections list --since 4h')).out).toBe('No detections.\n');
    expect((await cordon('quarantine list')).out).toBe('No quarantined files.\n');
    expect(await harness.run('detections list --since yesterday')).toMatchObject({ code: 2 });
    expect(await harness.run('detections end-processes 7 --yes')).toMatchObject({ code: 3 });
    expect(await harness.run('quarantine restore 00000000-0000-0000-0000-000000000000 --yes')).toMatchObject({
      code: 3,
    });
  });
});
