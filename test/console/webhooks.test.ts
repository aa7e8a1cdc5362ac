/** Webhooks in the browser: their events, the results of calls, and repeated calls. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detection } from '../server/object-samples.ts';
import { Receiver } from '../server/receiver.ts';
import { axeProblems, choose, hasChromium, keepScreenshot, openWindow, overflows, signIn } from './browser.ts';
import { Fleet, hostileName } from './fleet.ts';

describe.runIf(hasChromium())('a webhook', () => {
  let fleet: Fleet;
  let receiver: Receiver;
  let page: Page;
  let failures: readonly string[];

  beforeAll(async () => {
    [fleet, receiver] = await Promise.all([Fleet.open(), Receiver.open()]);
    ({ page, failures } = await openWindow(fleet.browser, fleet.server));
    await signIn(page, fleet.server);
  });
  afterAll(async () => {
    await receiver.close();
    await fleet.close();
  });

  it('is called for the selected kinds, and a test shows its answer', async () => {
    await choose(page, 'Settings');
    await page.getByRole('link', { name: 'Notifications' }).click();
    await page.getByRole('button', { name: 'Add a webhook' }).click();
    const form = page.getByRole('dialog', { name: 'Add a webhook' });
    await form.getByLabel('Name').fill(hostileName);
    await form.getByLabel('URL').fill(receiver.url);
    await form.getByLabel('Custom CA certificates').fill(receiver.ca);
    await form.getByLabel('Suspicious object detected').check();
    expect(await axeProblems(page)).toEqual([]);
    await keepScreenshot(page, 'webhook-form');
    await form.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('button', { name: 'I have copied it' }).click();
    await page.getByRole('button', { name: `Test ${hostileName}` }).click();
    await page.getByText(`${hostileName} answered 204 after`).waitFor();
    const [webhook] = await (await fleet.server.console()).webhooks.list();
    expect(webhook).toMatchObject({ name: hostileName, url: receiver.url, kinds: ['detection'] });
  });

  it('shows its last calls, and replays events', async () => {
    await fleet.agent('web-01').detect(detection(1));
    await receiver.got(1, 'detection');
    await page.getByRole('button', { name: `Deliveries to ${hostileName}` }).click();
    const dialog = page.getByRole('dialog', { name: `Deliveries to ${hostileName}` });
    const calls = dialog.getByRole('region', { name: 'Recent deliveries' });
    await calls.getByRole('row', { name: /\d detection 204/ }).waitFor();
    await calls.getByRole('row', { name: /test 204/ }).waitFor();
    for (const [width, height] of [
      [390, 844],
      [1280, 800],
    ] as const) {
      await page.setViewportSize({ width, height });
      expect({ width, problems: await axeProblems(page) }).toEqual({ width, problems: [] });
      expect({ width, overflows: await overflows(page) }).toEqual({ width, overflows: false });
      await keepScreenshot(page, `webhook-calls-${width}`);
    }
    await dialog.getByLabel('Events since').fill('2026-01-01T00:00');
    await dialog.getByRole('button', { name: 'Replay' }).click();
    await dialog.getByText(/^Replaying 1 event, starting with event \d+\.$/).waitFor();
    await receiver.got(2, 'detection');
    await dialog.getByRole('button', { name: 'Done' }).click();
  });

  it('is changed, and keeps its secret', async () => {
    await page.getByRole('button', { name: `Edit ${hostileName}` }).click();
    const form = page.getByRole('dialog', { name: `Edit ${hostileName}` });
    expect(await form.getByLabel('Suspicious object detected').isChecked()).toBe(true);
    await form.getByLabel('Action awaiting approval').check();
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByText('detection, approval.held').waitFor();
    expect(await page.getByText(/whsec_/).count()).toBe(0);
    expect(await page.evaluate(() => Object(globalThis).hacked)).toBeUndefined();
    expect(failures).toEqual([]);
  });
});
