/** Groups in the browser: an endpoint's group, its enforcement, and moving one or many endpoints. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConsoleClient } from '@cordon/sdk';
import { axeProblems, choose, hasChromium, keepScreenshot, openWindow, overflows, signIn } from './browser.ts';
import { Fleet, hostileName } from './fleet.ts';

describe.runIf(hasChromium())('groups', () => {
  let fleet: Fleet;
  let page: Page;
  let failures: readonly string[];
  let objects: ConsoleClient;

  beforeAll(async () => {
    fleet = await Fleet.open();
    objects = await fleet.server.console();
    await objects.groups.put('canary', { onAccess: 'log', sweep: 'log' });
    ({ page, failures } = await openWindow(fleet.browser, fleet.server));
    await signIn(page, fleet.server);
  });
  afterAll(() => fleet.close());

  it('are shown on an endpoint, with the status of each kind of enforcement', async () => {
    const off = { state: 'off', message: null } as const;
    await fleet.agent('web-01').report({
      objects: { onAccess: { state: 'unable', message: hostileName }, sweep: off, network: off, names: off },
    });
    await page.goto(`/console/endpoints/${fleet.agent('web-01').id}`);
    const panel = page.getByRole('region', { name: 'Suspicious objects' });
    await panel.getByText('everything off').waitFor();
    await panel.getByText(hostileName).waitFor();
    await panel.getByRole('button', { name: 'Move to group …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Move web-01' });
    await dialog.getByLabel('Group').selectOption('canary');
    expect(await axeProblems(page)).toEqual([]);
    await keepScreenshot(page, 'endpoint-move');
    await dialog.getByRole('button', { name: 'Move web-01' }).click();
    await panel.getByText('logs file access, disk scans').waitFor();
    expect(await groupOf('canary')).toBe(1);
  });

  it('take in every selected endpoint', async () => {
    await choose(page, 'Endpoints');
    await page.getByLabel('Select web-02').check();
    await page.getByLabel('Select db-01').check();
    await page.getByRole('button', { name: 'Move to group …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Move 2 endpoints' });
    await dialog.getByLabel('Group').selectOption('canary');
    await dialog.getByRole('button', { name: 'Move 2 endpoints' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await groupOf('canary')).toBe(3);
    await page.getByText('Select endpoints to isolate or release them.').waitFor();
  });

  it('are linked from the list of objects while no group enforces anything', async () => {
    await choose(page, 'Suspicious objects');
    await page.getByText('Nothing is enforced: groups only log detections.').waitFor();
    expect(await axeProblems(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await overflows(page)).toBe(false);
    await keepScreenshot(page, 'objects-nothing-enforced-390');
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole('main').getByRole('link', { name: 'Settings › Groups' }).click();
    await page.getByRole('row', { name: /canary/ }).waitFor();
    await objects.groups.put('canary', { onAccess: 'enforce' });
    await choose(page, 'Suspicious objects');
    await page.getByText('No objects yet.').waitFor();
    await page.waitForLoadState('networkidle');
    expect(await page.getByText('Nothing is enforced').count()).toBe(0);
    expect(failures).toEqual([]);
  });

  async function groupOf(name: string): Promise<number | undefined> {
    return (await objects.groups.list()).find((group) => group.name === name)?.agents;
  }
});
