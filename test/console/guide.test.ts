/** The guides' steps 1 to 5 to an application ID and API key, in a browser; the key then works. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '@cordon/sdk';
import { eventually } from '../harness/eventually.ts';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { choose, hasChromium, keepScreenshot, openBrowser, openWindow, signIn } from './browser.ts';

describe.runIf(hasChromium())('Automation API Access Settings', () => {
  let server: TestServer;
  let browser: Browser;

  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), openBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  it('gives out an application ID and API key in the five steps of the guide, and the key signs requests', async () => {
    const { page, failures } = await openWindow(browser, server);
    await signIn(page, server);
    // 1. Go to Administration > Settings > Automation API Access Settings.
    await page.getByRole('navigation', { name: 'Main' }).getByText('Administration').waitFor();
    await choose(page, 'Settings');
    await page.getByRole('link', { name: 'Automation API Access Settings' }).click();
    await page.getByRole('heading', { name: 'Automation API Access Settings' }).waitFor();
    // 2. Click Add. The Application Access Settings section appears, with ID, key and type.
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    const section = page.getByRole('region', { name: 'Application Access Settings' });
    const shown = async (label: string): Promise<string> => {
      await section.getByRole('button', { name: `Copy ${label}` }).click();
      return page.evaluate(() => navigator.clipboard.readText());
    };
    const applicationId = await shown('application ID');
    const apiKey = await shown('API key');
    await section.getByText('API type').waitFor();
    expect(applicationId).toMatch(/^[0-9A-F-]{36}$/);
    expect(apiKey).toMatch(/^[0-9A-F-]{36}$/);
    // 3. Select Enable application integration using Apex Central Automation APIs.
    await section
      .getByRole('checkbox', { name: 'Enable application integration using Apex Central Automation APIs' })
      .check();
    // 4. Configure name and time-out.
    await section.getByLabel('Application name').fill('Incident playbook');
    await section.getByLabel('Communication time-out').selectOption('120');
    await keepScreenshot(page, 'guide-step-4');
    // 5. Click Save. The new application is in the table.
    await section.getByRole('button', { name: 'Save' }).click();
    const row = page.getByRole('row', { name: /Incident playbook/ });
    await row.getByText(applicationId).waitFor();
    await row.getByText('Enabled').waitFor();
    await row.getByText('2 min').waitFor();
    expect(await page.getByText(apiKey).count()).toBe(0);

    const client = new Client({ url: server.url, transport: server.transport, applicationId, apiKey });
    expect(await client.agents.list()).toEqual([]);
    await page.reload();
    expect(failures).toEqual([]);
  });

  it('edits, disables, makes a new key, shows the last use, and deletes', async () => {
    const { page } = await openWindow(browser, server);
    const { client, applicationId, apiKey } = await server.client();
    await client.agents.list();
    await signIn(page, server);
    await choose(page, 'Settings');
    await page.getByRole('link', { name: 'Automation API Access Settings' }).click();
    const row = page.getByRole('row', { name: new RegExp(applicationId) });
    // The server writes down uses every few seconds, and this page follows no changes.
    await eventually('the last use is shown', async () => {
      await page.reload();
      await row.waitFor();
      return (await row.getByText('from 127.0.0.1').count()) === 1 ? true : undefined;
    });

    await row.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('Application name').fill('Renamed');
    await page.getByRole('button', { name: 'Save' }).click();
    await row.getByText('Renamed').waitFor();

    await row.getByRole('button', { name: 'Disable' }).click();
    await row.getByText('Disabled').waitFor();
    await expect(client.agents.list()).rejects.toThrow(/disabled/);
    await row.getByRole('button', { name: 'Enable' }).click();
    await row.getByText('Enabled', { exact: true }).waitFor();

    await row.getByRole('button', { name: 'New key' }).click();
    await page.getByRole('button', { name: 'Create a new key' }).click();
    await page.getByRole('button', { name: 'Copy API key' }).click();
    const fresh = await page.evaluate(() => navigator.clipboard.readText());
    expect(fresh).not.toBe(apiKey);
    await page.getByRole('button', { name: 'I have copied it' }).click();
    await expect(client.agents.list()).rejects.toThrow(/The token is not/);
    const renewed = new Client({ url: server.url, transport: server.transport, applicationId, apiKey: fresh });
    expect(await renewed.agents.list()).toEqual([]);

    await row.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByText('last used').waitFor();
    await page.keyboard.press('Escape');
    await row.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete application' }).click();
    await row.waitFor({ state: 'detached' });
    await expect(renewed.agents.list()).rejects.toThrow(/No application/);
  });
});
