/** The main job of each other page, in the browser against the real server. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { detection, detectedFile } from '../server/object-samples.ts';
import { FakeAgent, factsOf } from '../server/fake-agent.ts';
import { choose, hasChromium, openWindow, signIn, signInAs } from './browser.ts';
import { Fleet, hostileName } from './fleet.ts';

describe.runIf(hasChromium())('in the console', () => {
  let fleet: Fleet;
  let page: Page;
  let failures: readonly string[];

  beforeAll(async () => {
    fleet = await Fleet.open();
    ({ page, failures } = await openWindow(fleet.browser, fleet.server));
    await signIn(page, fleet.server);
  });
  afterAll(() => fleet.close());
  // What one job leaves open must not affect the next.
  beforeEach(() => page.goto('/console/account'));

  it('one command enrols an endpoint, and the page shows it arrive', async () => {
    await choose(page, 'Enrolment');
    await page.getByLabel('Note').fill('for the test');
    await page.getByRole('button', { name: 'Create token' }).click();
    await page.getByRole('button', { name: 'Copy command' }).click();
    const line = await page.evaluate(() => navigator.clipboard.readText());
    expect(line).toMatch(/^cordon-agent enrol cordon1\.\S+$/);
    await page.getByText('Waiting for the first endpoint').waitFor();
    const agent = await FakeAgent.enrol(fleet.server, line.split(' ')[2] ?? '', factsOf('newcomer'));
    const channel = await agent.connect(fleet.server);
    const arrivals = page.getByRole('region', { name: 'New endpoints' });
    await arrivals.getByRole('link', { name: 'newcomer' }).waitFor();
    await arrivals.getByText('Online').waitFor();
    await channel.close();
  });

  it('an endpoint shows its proof and its history', async () => {
    const { id } = fleet.agent('web-01');
    await page.goto(`/console/endpoints/${id}`);
    await page.getByRole('button', { name: 'Isolate …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Isolate web-01' });
    await dialog.getByLabel('Message to users').fill('Call 4711');
    await dialog.getByRole('button', { name: 'Isolate web-01' }).click();
    await page.getByRole('main').getByText('Isolated', { exact: true }).waitFor();
    await page.getByRole('region', { name: 'Inventory' }).getByText('10.1.0.1, fd00::1').waitFor();
    expect(await page.title()).toBe('web-01 · Cordon');
    const isolation = page.getByRole('region', { name: 'Isolation' });
    await isolation.getByText('Call 4711').waitFor();
    await isolation.getByText('Simulated: not enforced by a kernel').waitFor();
    await isolation.getByText('udp refused').waitFor();
    await isolation.getByText('Signature valid (verified in your browser)').waitFor();
    await page.getByRole('region', { name: 'Timeline' }).getByText('requested by admin').first().waitFor();
    await page.getByRole('button', { name: 'Break-glass code …' }).click();
    await page.getByRole('button', { name: 'Show code' }).click();
    expect(await page.getByText(/^cordon-agent release --code /).textContent()).toMatch(/ \S+$/);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Release …' }).click();
    await page.getByRole('button', { name: 'Release web-01' }).click();
    await page.getByRole('main').getByText('Normal', { exact: true }).first().waitFor();
  });

  it('an account is added, chooses its own password, and approves what the guard holds', async () => {
    await choose(page, 'Accounts');
    await page.getByRole('button', { name: 'Add an account' }).click();
    const form = page.getByRole('dialog', { name: 'Add an account' });
    await form.getByLabel('User').fill('olga');
    await form.getByLabel('Role').selectOption('Operator');
    await form.getByRole('button', { name: 'Add account' }).click();
    await page.getByRole('button', { name: 'Copy password' }).click();
    const given = await page.evaluate(() => navigator.clipboard.readText());
    await page.getByRole('button', { name: 'I have copied it' }).click();
    await page.getByRole('row', { name: /olga/ }).getByText('Operator').waitFor();

    const client = await fleet.server.console();
    await client.agents.protect(fleet.agent('db-01').id, true);
    const outcome = await client.acts.perform({ act: 'isolate', selector: { hostName: 'db-01' }, reason: 'INC-9' });
    expect(outcome.approval).not.toBeNull();
    const waiting = page.getByRole('navigation', { name: 'Main' }).getByText('1 awaiting approval');
    await waiting.waitFor();
    await choose(page, 'Commands');
    const own = page.getByRole('region', { name: `Approval ${outcome.approval}` });
    await own.getByText('You requested this, so another person must approve it.').waitFor();

    const other = await openWindow(fleet.browser, fleet.server);
    await signInAs(other.page, { user: 'olga', password: given });
    await other.page.getByRole('heading', { name: 'Choose your own password' }).waitFor();
    const password = 'a long password of mine';
    await other.page.getByLabel('Current password').fill(given);
    await other.page.getByLabel('New password', { exact: true }).fill(password);
    await other.page.getByLabel('Confirm new password').fill(password);
    await other.page.getByRole('button', { name: 'Change password' }).click();
    await other.page.getByRole('navigation', { name: 'Main' }).waitFor();
    expect(await other.page.getByRole('link', { name: 'Accounts' }).count()).toBe(0);
    await choose(other.page, 'Commands');
    const held = other.page.getByRole('region', { name: `Approval ${outcome.approval}` });
    await held.getByText('INC-9').waitFor();
    await held.getByRole('button', { name: 'Approve …' }).click();
    await other.page.getByRole('button', { name: 'Approve: isolate db-01' }).click();
    await held.waitFor({ state: 'detached' });
    await own.waitFor({ state: 'detached' });
    await waiting.waitFor({ state: 'detached' });
    await page
      .getByRole('row', { name: /Isolate db-01/ })
      .getByText('done')
      .waitFor();
    await other.context.close();
  });

  it('a detection appears without a reload, is found, and leads to its endpoint', async () => {
    await choose(page, 'Detections');
    await page.getByText('No detections yet.').waitFor();
    const agent = fleet.agent('web-02');
    const file = detectedFile({ path: { text: `/tmp/${hostileName}` } });
    await agent.detect(detection(1, { action: 'blocked', file }));
    const row = page.getByRole('row', { name: /web-02/ });
    await row.getByText('blocked').waitFor();
    await row.getByText(`/tmp/${hostileName}`).waitFor();
    await page.getByLabel('Action').selectOption('quarantined');
    await page.getByText('No detections match.').waitFor();
    await page.getByLabel('Action').selectOption('blocked');
    await page.getByLabel('Search detections').fill('web-02');
    await page.waitForURL(/search=web-02/);
    await row.getByRole('link', { name: 'web-02' }).click();
    const timeline = page.getByRole('region', { name: 'Timeline' });
    expect(await timeline.getByText(/^Detection: /).textContent()).toContain('File');
  });

  it('processes that run from a file are listed, then ended, and the task shows the result', async () => {
    const agent = fleet.agent('web-02');
    const process = { pid: 4711, startedAt: 99, name: 'miner', executable: '/tmp/miner', commandLine: hostileName };
    const other = { pid: 815, startedAt: 98, name: 'sh', executable: '/usr/bin/dash', commandLine: 'sh -c /tmp/miner' };
    const file = detectedFile({ path: { text: '/tmp/miner' }, usedBy: [process, other] });
    await agent.detect(detection(2, { action: 'held-back', file, process, user: { id: 1000, name: 'anna' } }));
    await choose(page, 'Detections');
    const row = page.getByRole('row', { name: /miner/ });
    await row.getByRole('button', { name: 'End processes on web-02 …' }).click();
    const dialog = page.getByRole('dialog', { name: 'End 2 processes on web-02' });
    const named = dialog.getByRole('listitem');
    expect(await named.first().textContent()).toBe(`4711 miner, user anna (1000)/tmp/miner${hostileName}`);
    expect(await named.last().textContent()).toBe('815 sh, user not recorded/usr/bin/dashsh -c /tmp/miner');
    await dialog.getByText('This cannot be undone.').waitFor();
    await dialog.getByLabel('Reason').fill('INC-12');
    await dialog.getByRole('button', { name: 'End 2 processes on web-02' }).click();
    await page.getByRole('heading', { name: 'End 2 processes' }).waitFor();
    const [task] = await (await fleet.server.console()).tasks.list();
    expect(task).toMatchObject({
      agents: 1,
      work: {
        kind: 'end-processes',
        processes: [
          { pid: 4711, startedAt: 99 },
          { pid: 815, startedAt: 98 },
        ],
      },
    });
    await agent.progress(task?.id ?? '', { kind: 'end-processes', state: 'done', files: 2, of: 2, found: 2 });
    await page.getByText('2 ended on 1 endpoint').waitFor();
  });

  it('the audit chain is verified entry by entry', async () => {
    await choose(page, 'Audit log');
    await page
      .getByRole('row', { name: /Add enrolment token/ })
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Verify chain' }).click();
    await page.getByText('Chain intact').waitFor();
    const signed = page.getByText(/\d+ entries, signed up to entry \d+ by \d+ checkpoint/);
    expect(await signed.textContent()).not.toContain('cannot check');
  });

  it('a profile is added with its rules, and an invalid rule is refused', async () => {
    await choose(page, 'Settings');
    await page.getByRole('link', { name: 'Isolation profiles' }).click();
    await page.getByText('No profiles yet.').waitFor();
    await page.getByRole('button', { name: 'Add a profile' }).click();
    const form = page.getByRole('dialog', { name: 'Add a profile' });
    await form.getByLabel('Name').fill('forensics');
    await form.getByLabel('Allowed connections').fill('out tcp everything');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByRole('alert').getByText('"out tcp everything" is not a valid rule.').waitFor();
    await form.getByLabel('Allowed connections').fill('out tcp 192.0.2.0/24 443\nin tcp 192.0.2.7 22');
    await form.getByRole('button', { name: 'Save' }).click();
    await page
      .getByRole('row', { name: /forensics/ })
      .getByText('out tcp 192.0.2.0/24 443')
      .waitFor();
    const profiles = await (await fleet.server.console()).profiles.list();
    expect(profiles[0]?.exceptions).toHaveLength(2);
  });

  it('a group is set to log', async () => {
    await choose(page, 'Settings');
    await page.getByRole('link', { name: 'Groups' }).click();
    await page.getByRole('button', { name: 'Edit default' }).click();
    await page.getByLabel('File open and execution').selectOption('log');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const [group] = await (await fleet.server.console()).groups.list();
    expect(group?.settings).toMatchObject({ onAccess: 'log', sweep: 'off' });
  });

  it('the budgets of the guard are set', async () => {
    await choose(page, 'Settings');
    await page.getByRole('link', { name: 'Guard' }).click();
    await page.getByLabel('Endpoints a person can isolate').fill('7');
    await page.getByLabel('Maximum share of all endpoints').fill('12.5');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved. Applies to new actions.').waitFor();
    expect(await (await fleet.server.console()).guard.settings()).toMatchObject({
      perPersonPerHour: 7,
      shareOfFleet: 0.125,
    });
  });

  it('a webhook and a syslog collector are added', async () => {
    await choose(page, 'Settings');
    await page.getByRole('link', { name: 'Notifications' }).click();
    await page.getByRole('button', { name: 'Add a webhook' }).click();
    const form = page.getByRole('dialog', { name: 'Add a webhook' });
    await form.getByLabel('Name').fill('chat');
    await form.getByLabel('URL').fill('https://chat.example/hook');
    await form.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText(/^whsec_/).waitFor();
    await page.getByRole('button', { name: 'I have copied it' }).click();
    expect(await page.getByRole('row', { name: /chat/ }).textContent()).toContain('Working');
    await page.getByLabel('Collector').fill('siem.example');
    await page.getByRole('region', { name: 'Syslog' }).getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
  });

  it('the overview lists what is isolated now, and a plot links to its data', async () => {
    await choose(page, 'Overview');
    await page.getByRole('region', { name: 'Isolated now' }).getByRole('link', { name: 'db-01' }).waitFor();
    const plot = page.getByRole('region', { name: 'Time to isolate (p50, p99)' });
    await plot.locator('canvas').waitFor();
    await plot.getByText('Show as table').click();
    expect(Number(await plot.getByRole('region').locator('tbody td').first().textContent())).toBeGreaterThan(0);
    await page.getByLabel('Time range').selectOption('1');
    await page.waitForURL(/hours=1/);
    await plot.locator('.u-over').click();
    await page.getByRole('heading', { name: 'Commands' }).waitFor();
  });

  it('a lost connection is shown until the page has reconnected by itself', async () => {
    // A browser reconnects by itself only after a lost connection, not after an answer like this one.
    await page.route('**/api/v1/events', (route) => route.fulfill({ status: 502, body: 'a proxy' }));
    await page.reload();
    await page.getByText('Not live.').waitFor();
    await page.unroute('**/api/v1/events');
    await page.getByText('Not live.').waitFor({ state: 'detached' });
    expect(await page.getByRole('main').getByRole('status').allTextContents()).not.toContain('Not live.');
    await choose(page, 'Endpoints');
    await fleet.server
      .console()
      .then((client) => client.acts.perform({ act: 'isolate', selector: { hostName: 'web-02' } }));
    await page
      .getByRole('row', { name: /web-02/ })
      .getByText('Isolated', { exact: true })
      .waitFor();
  });

  it('an answer that cannot be read is an error, and never passes for something done', async () => {
    const unreadable = page.getByRole('alert').getByText('The answer is not one that this page can read');
    const proxy = { status: 200, contentType: 'text/html', body: '<p>a proxy</p>' };
    await page.route('**/api/v1/guard', (route) =>
      route.request().method() === 'PUT' ? route.fulfill(proxy) : route.continue(),
    );
    await page.goto('/console/administration/settings/guard');
    await page.getByRole('button', { name: 'Save' }).click();
    await unreadable.waitFor();
    expect(await page.getByText('Saved.').count()).toBe(0);
    await page.route('**/api/v1/groups', (route) => route.fulfill({ json: { result: 'ok' } }));
    await page.goto('/console/administration/settings/groups');
    await unreadable.waitFor();
    await page.unroute('**/api/v1/guard');
    await page.unroute('**/api/v1/groups');
  });

  it('signing out ends the session', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(failures).toEqual([]);
  });
});
