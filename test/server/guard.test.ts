/** The guard under many acts at once, and under a caller who floods it; on both databases. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseKinds } from '../harness/databases.ts';
import { administrator, person, reasonOf } from './people.ts';
import type { Caller } from './people.ts';
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
  }, 300_000);
  afterAll(() => site.close());

  it('lets no more pass than the budget when all come at once', { timeout: 300_000 }, async () => {
    const names = Array.from({ length: 12 }, (_, at) => `racer-${at}`);
    for (const name of names) await site.enrol({}, name);
    const outcomes = await Promise.all(
      names.map((hostName) => other.ask('POST', '/api/v1/acts', { act: 'isolate', selector: { hostName } })),
    );
    expect(outcomes.filter((one) => one['approval'] === null)).toHaveLength(budget);
    expect(outcomes.filter((one) => typeof one['approval'] === 'number')).toHaveLength(names.length - budget);
  });

  it('shows everything that waits, and lets nobody bury what others ask for', { timeout: 300_000 }, async () => {
    const agent = await site.enrol({}, 'guarded');
    await admin.ask('PATCH', `/api/v1/agents/${agent.id}`, { protected: true });
    const first: unknown = JSON.parse((await hold(admin, 'asked for first')).text).approval;
    for (let at = 0; at < maxPendingOfOne; at += 1) expect((await hold(flooder, `flood ${at}`)).status).toBe(200);
    const refused = await hold(flooder, 'one more');
    expect(reasonOf(refused)).toBe('guard-too-many');
    expect(refused.text).toContain(`${maxPendingOfOne} acts of this caller wait for a second person already.`);

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

/** Asks for what the guard holds; another message is another act. */
function hold(who: Caller, message: string): ReturnType<Caller['call']> {
  return who.call('POST', '/api/v1/acts', { act: 'isolate', selector: { hostName: 'guarded' }, message });
}
