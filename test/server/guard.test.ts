/** The guard under many actions at once, and with a caller who floods it; on both databases. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseKinds } from '../harness/databases.ts';
import { administrator, person, reasonOf } from './callers.ts';
import type { Caller } from './callers.ts';
import { Site } from './site.ts';

const budget = 3;
const maxPendingOfOne = 500;

describe.each(databaseKinds())('the guard on $name', (kind) => {
  let site: Site;
  let admin: Caller;
  let flooder: Caller;
  let other: Caller;

  beforeAll(async () => {
    site = await Site.open(kind);
    admin = await administrator(site.server);
    flooder = await person(site.server, admin, { user: 'flooder', role: 'Operator' });
    other = await person(site.server, admin, { user: 'other', role: 'Operator' });
    const { enabled: _, ...settings } = await site.console.guard.settings();
    await site.console.guard.change({ ...settings, enabled: true, perPersonPerHour: budget, shareCountsAbove: 1000 });
  }, 120_000);
  afterAll(() => site.close());

  let planted = false;
  /** Two endpoints in folders of their own, one of them in a group. */
  async function plant(): Promise<boolean> {
    if (planted) return planted;
    const press = await site.enrol({ folder: 'Plant' }, 'press');
    await site.enrol({ folder: 'Plant\\Hall' }, 'robot');
    await site.console.groups.put('presses', {});
    await site.console.agents.moveToGroup(press.id, 'presses');
    planted = true;
    return planted;
  }

  it('lets no more pass than the budget when all come at once', { timeout: 300_000 }, async () => {
    const names = Array.from({ length: 12 }, (_, at) => `racer-${at}`);
    for (const name of names) await site.enrol({}, name);
    const outcomes = await Promise.all(
      names.map((hostName) => other.ask('POST', '/api/v1/acts', { act: 'isolate', selector: { hostName } })),
    );
    expect(outcomes.filter((one) => one['approval'] === null)).toHaveLength(budget);
    expect(outcomes.filter((one) => typeof one['approval'] === 'number')).toHaveLength(names.length - budget);
  });

  it('judges a selection of many once: one approval, one line of the audit', { timeout: 300_000 }, async () => {
    const chooser = await person(site.server, admin, { user: 'chooser', role: 'Operator' });
    const chosen = [];
    for (let at = 0; at < budget + 2; at += 1) chosen.push(await site.enrol({ folder: 'Lab\\Rack' }, `chosen-${at}`));
    const entityIds = chosen.map((agent) => agent.id.toUpperCase());
    const held = await chooser.ask('POST', '/api/v1/acts', {
      act: 'isolate',
      selector: { entityIds },
      allowMultiple: true,
    });
    expect(held['affected']).toHaveLength(entityIds.length);
    const approval = Number(held['approval']);
    expect(await admin.ask('GET', `/api/v1/approvals/${approval}`)).toMatchObject({ agents: entityIds.length });
    expect((await admin.ask('POST', `/api/v1/approvals/${approval}/approve`))['affected']).toHaveLength(
      entityIds.length,
    );
    const { lines } = await site.console.audit.list({ limit: 20 });
    const isolations = lines.filter((line) => line.act === 'isolate' && line.target.includes('chosen-0'));
    expect(isolations).toHaveLength(1);
    for (let at = 0; at < entityIds.length; at += 1) expect(isolations[0]?.target).toContain(`chosen-${at}`);
  });

  it.each([
    ['a folder and what is below it', { folder: 'Plant' }, ['press', 'robot']],
    ['a group', { group: 'presses' }, ['press']],
    ['text, as the list searches', { search: 'ROB plant' }, ['robot']],
    ['a folder and a group together', { folder: 'Plant\\Hall', group: 'default' }, ['robot']],
  ])('selects endpoints by %s', async (_name, selector, expected) => {
    const found = await plant();
    const { affected } = await site.console.acts.preview({ act: 'release', selector });
    expect(affected.map((one) => one.hostName).sort()).toEqual(expected);
    expect(found).toBe(true);
  });

  it('refuses a selector with a field that there is not, and names it', async () => {
    const body = { act: 'isolate', selector: { folder: 'Plant', hostname: 'press' }, allowMultiple: true };
    for (const path of ['/api/v1/acts', '/api/v1/acts/preview']) {
      const refused = await admin.call('POST', path, body);
      expect(refused.status).toBe(400);
      expect(refused.text).toContain('body/selector has no field \\"hostname\\"');
    }
  });

  it('refuses an act with a field that there is not: a time limit with a typing error would hold for ever', async () => {
    const body = { act: 'isolate', selector: { folder: 'Plant' }, forSecond: 3600 };
    for (const path of ['/api/v1/acts', '/api/v1/acts/preview']) {
      const refused = await admin.call('POST', path, body);
      expect([refused.status, refused.text]).toEqual([
        400,
        expect.stringContaining('body has no field \\"forSecond\\"'),
      ]);
    }
  });

  it('refuses an act that names no endpoint in any way', async () => {
    const refused = await admin.call('POST', '/api/v1/acts', { act: 'isolate', selector: {}, allowMultiple: true });
    expect(reasonOf(refused)).toBe('parameter-invalid');
  });

  it('shows everything that waits, and lets nobody bury what others ask for', { timeout: 300_000 }, async () => {
    const agent = await site.enrol({}, 'guarded');
    await admin.ask('PATCH', `/api/v1/agents/${agent.id}`, { protected: true });
    const first: unknown = JSON.parse((await hold(admin, 'asked for first')).text).approval;
    for (let at = 0; at < maxPendingOfOne; at += 1) expect((await hold(flooder, `flood ${at}`)).status).toBe(200);
    const refused = await hold(flooder, 'one more');
    expect(reasonOf(refused)).toBe('guard-too-many');
    expect(refused.text).toContain(`${maxPendingOfOne} requests of this caller already await approval.`);

    const { approvals } = await other.ask('GET', '/api/v1/approvals');
    const ids = Array.isArray(approvals) ? approvals.filter((one) => one.state === 'pending').map((one) => one.id) : [];
    expect(ids.length).toBeGreaterThan(maxPendingOfOne);
    expect(ids).toContain(first);
    expect(await other.ask('GET', `/api/v1/approvals/${Number(first)}`)).toMatchObject({
      terms: JSON.stringify({ message: 'asked for first' }),
      hostNames: ['guarded'],
      state: 'pending',
    });
    await other.ask('POST', `/api/v1/approvals/${Number(first)}/reject`);
    expect(await other.ask('GET', `/api/v1/approvals/${Number(first)}`)).toMatchObject({ state: 'rejected' });
    expect(reasonOf(await other.call('GET', '/api/v1/approvals/999999'))).toBe('approval-unknown');
  });
});

/** Requests what the guard holds; another message makes it another action. */
function hold(who: Caller, message: string): ReturnType<Caller['call']> {
  return who.call('POST', '/api/v1/acts', { act: 'isolate', selector: { hostName: 'guarded' }, message });
}
