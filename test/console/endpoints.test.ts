/** Endpoints in the browser: search while typing, isolate after a preview, see the isolation. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { FakeAgent, factsOf } from '../server/fake-agent.ts';
import { choose, hasChromium, keepScreenshot, openWindow, signIn } from './browser.ts';
import { Fleet, formulaName, hostileName } from './fleet.ts';

describe.runIf(hasChromium())('the endpoints', () => {
  let fleet: Fleet;
  let page: Page;
  let failures: readonly string[];

  beforeAll(async () => {
    fleet = await Fleet.open();
    ({ page, failures } = await openWindow(fleet.browser, fleet.server));
    await signIn(page, fleet.server);
  });
  afterAll(() => fleet.close());

  const shown = (): Promise<string[]> => page.locator('.long tbody th[scope=row] a').allTextContents();
  const rowOf = (name: string): ReturnType<Page['getByRole']> => page.getByRole('row', { name: new RegExp(name) });

  const taken = async (format: string): Promise<string> => {
    const button = page.getByRole('button', { name: format, exact: true });
    const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
    return readFile(await download.path(), 'utf8');
  };

  it('are found by name, address and folder as a person types, and the search is in the address bar', async () => {
    await choose(page, 'Endpoints');
    await rowOf('web-01').waitFor();
    expect(await shown()).toEqual([hostileName, formulaName, 'db-01', 'laptop-07', 'printer', 'web-01', 'web-02']);
    const search = page.getByLabel('Search endpoints');
    for (const [typed, expected] of [
      ['10.2', ['db-01']],
      ['a4:70:02', ['web-02']],
      ['paris', ['web-01', 'web-02']],
    ] as const) {
      await search.fill(typed);
      await eventually(`"${typed}" is found`, async () =>
        (await shown()).join() === expected.join() ? true : undefined,
      );
    }
    expect(page.url()).toContain('search=paris');
    await page.reload();
    await rowOf('web-02').waitFor();
    expect(await shown()).toEqual(['web-01', 'web-02']);
    await search.fill('nobody at all');
    await page.getByText('No endpoints match.').waitFor();
    await page.getByRole('link', { name: 'show all endpoints' }).click();
    await rowOf('printer').waitFor();
  });

  it('are narrowed by isolation and connection', async () => {
    await page.getByLabel('Connection').selectOption('false');
    await eventually('only those offline are shown', async () => ((await shown()).length === 2 ? true : undefined));
    expect(await shown()).toEqual(['laptop-07', 'printer']);
    await page.getByLabel('Connection').selectOption('');
    await page.getByLabel('Isolation').selectOption('unsupported');
    await eventually('only those are shown', async () => ((await shown()).join() === 'printer' ? true : undefined));
    await page.getByLabel('Isolation').selectOption('');
    await rowOf('web-01').waitFor();
  });

  it('are isolated after a list of those affected, and their state follows without a reload', async () => {
    await page.getByLabel('Select web-01').check();
    await page.getByLabel('Select db-01').check();
    await page.getByRole('button', { name: 'Isolate …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Isolate 2 endpoints' });
    await dialog.getByText('2 endpoints will be cut off from the network:').waitFor();
    await dialog.getByRole('listitem').filter({ hasText: 'db-01' }).waitFor();
    await dialog.getByLabel('Reason').fill('INC-7: beaconing');
    await dialog.getByLabel('Ends').selectOption('3600');
    await keepScreenshot(page, 'isolate-dialog');
    await dialog.getByRole('button', { name: 'Isolate 2 endpoints' }).click();
    await dialog.waitFor({ state: 'detached' });
    await rowOf('web-01').getByText('Isolated', { exact: true }).waitFor();
    await rowOf('db-01').getByText('Isolated', { exact: true }).waitFor();

    const client = await fleet.server.console();
    expect((await client.agents.get(fleet.agent('db-01').id)).deadline).toBeGreaterThan(Date.now());
    await client.acts.perform({ act: 'release', selector: { hostName: 'db-01' } });
    await rowOf('db-01').getByText('Normal', { exact: true }).waitFor();
  });

  it('stay as they are when Escape closes the dialog', async () => {
    await page.getByLabel('Select web-02').check();
    await page.getByRole('button', { name: 'Isolate …' }).click();
    await page.getByRole('button', { name: 'Isolate web-02' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect((await (await fleet.server.console()).agents.get(fleet.agent('web-02').id)).desired).toBe('normal');
    await page.getByRole('button', { name: 'Clear' }).click();
  });

  it('are exported as CSV without formulas, and as JSON', async () => {
    const csv = await taken('CSV');
    expect(csv.split('\r\n')).toHaveLength(9);
    expect(csv).toContain(`\n'${formulaName},`);
    expect(csv).toContain(",'+1+1,");
    const rows: { hostName: string }[] = JSON.parse(await taken('JSON'));
    expect(rows.map((row) => row.hostName)).toContain(formulaName);
  });

  it('keep their history, however long it is', async () => {
    const client = await fleet.server.console();
    const { id } = fleet.agent('laptop-07');
    await client.acts.perform({ act: 'isolate', selector: { entityId: id }, reason: 'INC-1: long ago' });
    for (let times = 0; times < 60; times += 1) {
      await client.agents.protect(id, true);
      await client.agents.protect(id, false);
    }
    await page.goto(`/console/endpoints/${id}`);
    const timeline = page.getByRole('region', { name: 'Timeline' });
    await timeline.getByText('Audit: Remove protection').first().waitFor();
    expect(await timeline.getByText('INC-1: long ago').count()).toBe(0);
    await timeline.getByRole('button', { name: 'Show older' }).click();
    await timeline.getByText('INC-1: long ago').waitFor();
    await timeline.getByText('requested by admin').waitFor();
    expect(await timeline.getByRole('button', { name: 'Show older' }).count()).toBe(0);
    const shownAt = await timeline.getByRole('listitem').count();
    await client.acts.perform({ act: 'release', selector: { entityId: id } });
    await eventually('the command and its line are on top, and nothing is lost', async () =>
      (await timeline.getByRole('listitem').count()) === shownAt + 2 ? true : undefined,
    );
    await timeline.getByText('superseded by release').waitFor();
    await choose(page, 'Endpoints');
    await rowOf('web-01').waitFor();
  });

  it('keep their names readable in a window of any width, however many there are', async () => {
    const { token } = await (await fleet.server.console()).enrolment.addToken({ uses: 60 });
    for (let at = 0; at < 60; at += 1) await FakeAgent.enrol(fleet.server, token, factsOf(`many-${at}`));
    await page.goto('/console/endpoints');
    for (const [width, least] of [
      [390, 100],
      [768, 160],
      [1024, 160],
      [1280, 120],
    ] as const) {
      await page.setViewportSize({ width, height: 800 });
      await rowOf('many-0').waitFor();
      const sizes = await page.locator('.table.long').evaluate((box) => ({
        name: box.querySelector('tbody th')?.clientWidth ?? 0,
        // The last column that is shown ends where the table does: nothing is left blank.
        blank: box.clientWidth - (box.querySelector('thead tr')?.getBoundingClientRect().width ?? 0),
      }));
      expect({ width, wide: sizes.name >= least }).toEqual({ width, wide: true });
      expect({ width, blank: Math.round(sizes.blank) }).toEqual({ width, blank: 0 });
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  }, 120_000);

  it('show markup in their names as text', async () => {
    await page.getByText(hostileName).first().waitFor();
    expect(await page.evaluate(() => Object(globalThis).hacked)).toBeUndefined();
    expect(await page.locator('main img').count()).toBe(0);
    expect(failures).toEqual([]);
  });
});
