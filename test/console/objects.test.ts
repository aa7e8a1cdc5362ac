/** Suspicious objects in the browser: drop a file, listing safety check, status, undo. */
import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConsoleClient } from '@cordon/sdk';
import { eventually } from '../harness/eventually.ts';
import { axeProblems, choose, drop, hasChromium, keepScreenshot, openWindow, signIn } from './browser.ts';
import { Fleet, hostileName } from './fleet.ts';

const content = 'a small file for the test';
const sha1 = createHash('sha1').update(content).digest('hex').toUpperCase();
const sha256 = createHash('sha256').update(content).digest('hex');

describe.runIf(hasChromium())('suspicious objects', () => {
  let fleet: Fleet;
  let page: Page;
  let failures: readonly string[];
  let objects: ConsoleClient;

  beforeAll(async () => {
    fleet = await Fleet.open();
    objects = await fleet.server.console();
    ({ page, failures } = await openWindow(fleet.browser, fleet.server));
    await signIn(page, fleet.server);
    await choose(page, 'Suspicious objects');
  });
  afterAll(() => fleet.close());

  it('are added by dropping a file, which is hashed in the browser and not sent', async () => {
    await page.getByText('No objects yet.').waitFor();
    const sent: string[] = [];
    page.on('request', (request) => sent.push(request.postData() ?? ''));
    await drop(page, hostileName, content);
    const form = page.getByRole('dialog', { name: 'Add a suspicious object' });
    await form.getByText(sha1).waitFor();
    await form.getByText(sha256).waitFor();
    await form.getByLabel('Scan action').selectOption('block');
    await form.getByLabel('Expires').selectOption('604800');
    await form.getByRole('button', { name: 'Add', exact: true }).click();
    const row = page.getByRole('row', { name: new RegExp(sha1) });
    await row.getByText('block').waitFor();
    expect(await row.textContent()).toContain(hostileName);
    expect(sent.join()).not.toContain(content);
    const [listed] = (await objects.objects.list({})).objects;
    expect(listed).toMatchObject({ type: 'file', content: sha1, sha256, size: content.length, action: 'block' });
    expect(listed?.expiresAt).toBeGreaterThan(Date.now());
  });

  it('are hashed in chunks, and hashing can be cancelled', async () => {
    const megabytes = 9;
    const large = createHash('sha1');
    const largeToo = createHash('sha256');
    for (let at = 0; at < megabytes; at += 1)
      for (const one of [large, largeToo]) one.update(Buffer.alloc(2 ** 20, at));
    await dropMegabytes('large.img', megabytes);
    const form = page.getByRole('dialog', { name: 'Add a suspicious object' });
    await form.getByText(large.digest('hex').toUpperCase()).waitFor();
    await form.getByText(largeToo.digest('hex')).waitFor();
    await page.keyboard.press('Escape');

    await page.route(/hash-worker/, () => undefined); // It never answers, so hashing never finishes.
    await dropMegabytes('endless.img', 1);
    await page.getByText('Hashing endless.img …').waitFor();
    expect(await page.getByRole('progressbar', { name: 'Hashing endless.img' }).getAttribute('max')).toBe('1048576');
    expect(await axeProblems(page)).toEqual([]);
    await keepScreenshot(page, 'objects-hashing');
    await page.locator('.drop').getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Hashing endless.img …').waitFor({ state: 'detached' });
    await page.unroute(/hash-worker/);
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('are refused with the reason where listing safety allows no exception', async () => {
    await page.getByRole('button', { name: 'Add manually' }).click();
    const form = page.getByRole('dialog', { name: 'Add a suspicious object' });
    await form.getByLabel('Type').selectOption('ip');
    await form.getByLabel('Value').fill('127.0.0.1');
    await form.getByRole('button', { name: 'Add', exact: true }).click();
    await form.getByRole('alert').waitFor();
    expect(await form.getByRole('button', { name: 'Add', exact: true }).isDisabled()).toBe(true);
    await keepScreenshot(page, 'objects-refused');
    await page.keyboard.press('Escape');
    await form.waitFor({ state: 'detached' });
  });

  it('are listed after a person has confirmed the warnings', async () => {
    await page.getByRole('button', { name: 'Add manually' }).click();
    const form = page.getByRole('dialog', { name: 'Add a suspicious object' });
    await form.getByLabel('Type').selectOption('ip');
    await form.getByLabel('Value').fill('10.99.0.1');
    await form.getByLabel('Scan action').selectOption('block');
    await form.getByRole('button', { name: 'Add', exact: true }).click();
    await form.getByLabel('I have read this and want to add the object anyway').check();
    await form.getByRole('button', { name: 'Add', exact: true }).click();
    expect(await page.getByRole('row', { name: /10\.99\.0\.1/ }).textContent()).toContain('Block');
  });

  it('show their rollout, are changed, and are undone', async () => {
    await page.getByRole('link', { name: sha1 }).click();
    await page.getByRole('heading', { name: sha1 }).waitFor();
    await page.getByText(/\d+ enforcing, \d+ logging, \d+ not enforcing, \d+ pending/).waitFor();
    await page
      .getByRole('region', { name: 'Rollout' })
      .getByRole('row', { name: /web-01/ })
      .waitFor();
    expect(await axeProblems(page)).toEqual([]);
    await keepScreenshot(page, 'object-light-1280');
    await page.getByRole('button', { name: 'Edit …' }).click();
    await page.getByRole('dialog').getByLabel('Scan action').selectOption('quarantine');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await eventually('it is changed', async () =>
      (await objects.objects.list({})).objects.some((one) => one.content === sha1 && one.action === 'quarantine')
        ? true
        : undefined,
    );
    await page.getByRole('button', { name: 'Undo …' }).click();
    await page.getByRole('button', { name: 'Remove from the list' }).click();
    await page.getByRole('row', { name: /10\.99\.0\.1/ }).waitFor();
    expect(await page.getByRole('row', { name: new RegExp(sha1) }).count()).toBe(0);
    expect(failures).toEqual([]);
  });

  /** Drops a file in which each mebibyte is filled with its own number. */
  async function dropMegabytes(name: string, count: number): Promise<void> {
    const transfer = await page.evaluateHandle(
      ([fileName, length]) => {
        const pieces = Array.from({ length }, (_, at) => new Uint8Array(2 ** 20).fill(at));
        const made = new DataTransfer();
        made.items.add(new File(pieces, fileName));
        return made;
      },
      [name, count] as const,
    );
    await page.locator('.drop').dispatchEvent('drop', { dataTransfer: transfer });
  }
});
