/** Every page, in both themes and widths: no axe violation, no overflow, no markup from an endpoint. */
import { readdir, stat } from 'node:fs/promises';
import { siteFolder } from '@cordon/console/pages';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detection, detectedFile, quarantined } from '../server/object-samples.ts';
import { axeProblems, hasChromium, keepScreenshot, openWindow, overflows, signIn, themes, widths } from './browser.ts';
import type { View } from './browser.ts';
import { Fleet, hostileName } from './fleet.ts';

const settings = '/administration/settings';
/** The screenshot's name, the address, and what appears once the page is loaded. */
const pages = [
  ['overview', '/', 'Endpoints online'],
  ['endpoints', '/endpoints', 'web-01'],
  ['objects', '/objects', '203.0.113.9'],
  ['detections', '/detections', '/tmp/'],
  ['tasks', '/tasks', 'Search for AB'],
  ['quarantine', '/quarantine', '/tmp/'],
  ['commands', '/commands', 'Approval 1'],
  ['audit', '/audit', 'enrol'],
  ['account', '/account', 'Open sessions'],
  ['settings', settings, 'Isolation profiles'],
  ['api-access', `${settings}/automation-api-access`, 'Hostile'],
  ['isolation-profiles', `${settings}/isolation-profiles`, 'forensics'],
  ['groups', `${settings}/groups`, 'default'],
  ['guard', `${settings}/guard`, 'Guard enabled'],
  ['notifications', `${settings}/notifications`, 'chat.example'],
  ['enrolment', '/administration/enrolment', 'Create token'],
  ['servers', '/administration/servers', 'Running'],
  ['accounts', '/administration/accounts', 'admin'],
  ['nowhere', '/no/such/page', 'Page not found'],
] as const;

const views: View[] = themes.flatMap((theme) => widths.map((width) => ({ theme, width })));

describe.runIf(hasChromium())('the console', () => {
  let fleet: Fleet;

  beforeAll(async () => {
    fleet = await Fleet.open();
    await furnish(fleet);
  });
  afterAll(() => fleet.close());

  it.each(views)(
    'is in order on every page, $theme at $width',
    async (view) => {
      const { page, failures } = await openWindow(fleet.browser, fleet.server, view);
      const name = (what: string): string => `${what}-${view.theme}-${view.width}`;
      await page.goto('/console/');
      await page.getByRole('button', { name: 'Sign in' }).waitFor();
      expect(await axeProblems(page)).toEqual([]);
      await keepScreenshot(page, name('sign-in'));
      await signIn(page, fleet.server);
      const hostile = fleet.agent(hostileName).id;
      const all = [...pages, ['endpoint', `/endpoints/${hostile}`, 'Signature valid'] as const];
      for (const [what, address, sign] of all) {
        await page.goto(`/console${address}`);
        await page.getByRole('main').getByText(sign).first().waitFor();
        await settled(page);
        expect({ what, problems: await axeProblems(page) }).toEqual({ what, problems: [] });
        expect({ what, overflows: await overflows(page) }).toEqual({ what, overflows: false });
        await keepScreenshot(page, name(what));
      }
      expect(await page.evaluate(() => Object(globalThis).hacked)).toBeUndefined();
      expect(failures).toEqual([]);
      await page.context().close();
    },
    180_000,
  );

  it('loads with less than 150 kB, compressed', async () => {
    const folder = new URL('assets/', siteFolder);
    const names = (await readdir(folder)).filter((one) => one.endsWith('.br'));
    const sizes = await Promise.all(names.map(async (one) => (await stat(new URL(one, folder))).size));
    expect(sizes.length).toBeGreaterThan(2);
    // The whole page, with the plots that only one page loads.
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000);
  });

  it('is served compressed: files are cached permanently, the page is revalidated', async () => {
    const { page } = await openWindow(fleet.browser, fleet.server);
    const answers: { url: string; headers: Record<string, string> }[] = [];
    page.on('response', (answer) => answers.push({ url: answer.url(), headers: answer.headers() }));
    await page.goto('/console/');
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    const script = answers.find((one) => one.url.endsWith('.js'));
    expect(script?.headers['content-encoding']).toBe('br');
    expect(script?.headers['cache-control']).toContain('immutable');
    const start = answers.find((one) => one.url.endsWith('/console/'));
    expect(start?.headers['cache-control']).toBe('no-cache');
    expect(start?.headers['content-security-policy']).toContain("default-src 'none'");
    await page.context().close();
  });

  it('can be walked with the keyboard alone', async () => {
    const { page } = await openWindow(fleet.browser, fleet.server);
    await signIn(page, fleet.server);
    await page.goto('/console/endpoints');
    await page.getByText('web-01').first().waitFor();
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Search endpoints');
    await page.getByLabel('Select web-02').focus();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Isolate …' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await page.evaluate(() => document.activeElement?.closest('dialog') !== null)).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('Isolate …');
    await page.context().close();
  });
});

/** Fills every page: an isolation, an approval, a profile, an application. */
async function furnish(fleet: Fleet): Promise<void> {
  const client = await fleet.server.console();
  await client.profiles.put('forensics', {
    exceptions: [{ direction: 'out', protocol: 'tcp', network: '192.0.2.0/24', ports: { first: 443, last: 443 } }],
    dhcp: true,
  });
  await client.applications.add({ name: `Hostile ${hostileName}`, timeoutSeconds: 120 });
  await client.acts.perform({
    act: 'isolate',
    selector: { entityId: fleet.agent(hostileName).id },
    reason: hostileName,
    message: hostileName,
    profile: 'forensics',
    forSeconds: 3600,
  });
  const objects = client;
  await objects.objects.put({ type: 'ip', content: '203.0.113.9', action: 'block', notes: hostileName });
  const file = detectedFile({ path: { text: `/tmp/${hostileName}` } });
  await fleet
    .agent('web-02')
    .detect(detection(1, { file }), detection(2, { action: 'held-back', remark: hostileName }));
  const sha1 = 'AB'.repeat(20);
  const taken = quarantined(3, sha1, { file: detectedFile({ sha1, path: { text: `/tmp/${hostileName}` } }) });
  await fleet
    .agent('web-02')
    .detect({ ...taken, file: detectedFile({ sha1, quarantine: taken.name, path: { text: `/tmp/${hostileName}` } }) });
  await objects.tasks.add({ work: { kind: 'find', files: [{ sha1, size: null }] } });
  await client.webhooks.add({ name: hostileName, url: 'https://chat.example/hook', enabled: false });
  await client.agents.protect(fleet.agent('db-01').id, true);
  await client.acts.perform({ act: 'isolate', selector: { hostName: 'db-01' }, reason: hostileName });
}

/** The requested data has arrived and is drawn. */
async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => !/Loading …|Counting …/.test(document.body.textContent));
}

function focused(page: Page): Promise<string | undefined> {
  return page.evaluate(() => document.activeElement?.textContent.trim());
}
