/** Tasks and quarantine in the browser: requested, followed without a reload, cancelled; files restored. */
import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConsoleClient } from '@cordon/sdk';
import { copyOf, newSha1, quarantined } from '../server/object-samples.ts';
import { axeProblems, choose, drop, hasChromium, keepScreenshot, openWindow, overflows, signIn } from './browser.ts';
import { Fleet, hostileName } from './fleet.ts';

const content = 'what is looked for';
const sha1 = createHash('sha1').update(content).digest('hex').toUpperCase();
const path = `/srv/${hostileName}`;

describe.runIf(hasChromium())('tasks', () => {
  let fleet: Fleet;
  let page: Page;
  let failures: readonly string[];
  let objects: ConsoleClient;

  beforeAll(async () => {
    fleet = await Fleet.open();
    objects = await fleet.server.console();
    await objects.groups.put('canary', {});
    for (const name of ['web-01', 'web-02']) await objects.agents.moveToGroup(fleet.agent(name).id, 'canary');
    ({ page, failures } = await openWindow(fleet.browser, fleet.server));
    await signIn(page, fleet.server);
  });
  afterAll(() => fleet.close());

  it('scan a group, report only by default, and show their progress live', async () => {
    await choose(page, 'Tasks');
    await page.getByText('No tasks yet.').waitFor();
    await page.getByRole('button', { name: 'Scan now …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Scan now' });
    await dialog.getByLabel('Endpoints', { exact: true }).selectOption('Group canary, 2 endpoints');
    expect(await dialog.getByLabel('Report only').isChecked()).toBe(true);
    await dialog.getByLabel('Reason').fill('INC-7');
    await dialog.getByRole('button', { name: 'Scan', exact: true }).click();
    await page.getByRole('heading', { name: 'Disk scan (report only)' }).waitFor();
    const [task] = await objects.tasks.list();
    expect(task).toMatchObject({ work: { kind: 'sweep', act: false, roots: null }, agents: 2, state: 'running' });
    const facts = page.getByRole('region', { name: 'Task' });
    await facts.getByText('0 of 2').waitFor();
    await fleet.agent('web-01').progress(task?.id ?? '', { state: 'running', files: 1234, of: 5000, bytes: 3_000_000 });
    await page.getByText('1,234 of 5,000').waitFor();
    await fleet.agent('web-01').progress(task?.id ?? '', { state: 'failed', files: 1300, message: hostileName });
    await facts.getByText('1 of 2').waitFor();
    await facts.getByText('1 failed').waitFor();
    await page
      .getByRole('row', { name: /web-01/ })
      .getByText(hostileName)
      .waitFor();
    await inOrder('task-sweep');
    await page.getByRole('button', { name: 'Cancel …' }).click();
    await page.getByRole('button', { name: 'Cancel task' }).click();
    await facts.getByText('cancelled').waitFor();
    expect((await objects.tasks.get(task?.id ?? '')).task.state).toBe('cancelled');
  });

  it('scan some folders of one endpoint, and name an invalid folder before anything is sent', async () => {
    await choose(page, 'Tasks');
    await page.getByRole('button', { name: 'Scan now …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Scan now' });
    const send = dialog.getByRole('button', { name: 'Scan', exact: true });
    const folders = dialog.getByLabel('Folders, one per line');
    await folders.fill('/srv/share\nhome');
    await send.click();
    await dialog.getByRole('alert').getByText('"home" is not an absolute path.').waitFor();
    await folders.fill(Array.from({ length: 17 }, (_, at) => `/srv/${at}`).join('\n'));
    await send.click();
    await dialog.getByRole('alert').getByText('up to 16 folders; you entered 17').waitFor();
    await folders.fill('  /srv/share\n\n/home ');
    await dialog.getByLabel('Endpoints', { exact: true }).selectOption('One endpoint, by host name');
    await dialog.getByLabel('Host name').fill('no-such-host');
    await send.click();
    await dialog.getByRole('alert').getByText('No agent matches').waitFor();
    await dialog.getByLabel('Host name').fill('db-01');
    await dialog.getByLabel('Report only').uncheck();
    await send.click();
    await page.getByRole('heading', { name: 'Disk scan of /srv/share, /home' }).waitFor();
    const [task] = await objects.tasks.list();
    expect(task).toMatchObject({ work: { kind: 'sweep', act: true, roots: ['/srv/share', '/home'] }, agents: 1 });
    await page.goto(`/console/endpoints/${fleet.agent('db-01').id}`);
    await page.getByRole('button', { name: 'Scan …' }).click();
    await page.getByRole('dialog', { name: 'Scan db-01' }).getByRole('button', { name: 'Scan', exact: true }).click();
    await page.getByRole('heading', { name: 'Disk scan (report only)' }).waitFor();
    expect((await objects.tasks.list())[0]).toMatchObject({
      work: { kind: 'sweep', act: false, roots: null },
      agents: 1,
    });
  });

  it('search every disk for a dropped file, and send only its digest', async () => {
    await choose(page, 'Tasks');
    await page.getByRole('button', { name: 'Search for a file …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Search for a file' });
    await dialog.getByLabel('SHA-1').fill('not a digest');
    await dialog.getByRole('button', { name: 'Search', exact: true }).click();
    await dialog.getByRole('alert').getByText('this has 12 characters').waitFor();
    await dialog.getByLabel('SHA-1').fill('');
    await drop(page, hostileName, content);
    await dialog.getByText(`${hostileName}, ${content.length} B`).waitFor();
    expect(await dialog.getByLabel('SHA-1').inputValue()).toBe(sha1);
    expect(await axeProblems(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Search', exact: true }).click();
    await page.getByRole('heading', { name: `Search for ${sha1}` }).waitFor();
    const [task] = await objects.tasks.list();
    expect(task?.work).toEqual({ kind: 'find', files: [{ sha1, size: content.length }] });
    const copies = [copyOf(sha1, { path: { text: path }, size: content.length, package: hostileName })];
    await fleet.agent('web-02').progress(task?.id ?? '', { kind: 'find', found: 1, copies });
    await page
      .getByRole('region', { name: 'Copies found' })
      .getByRole('row', { name: /web-02/ })
      .getByText(path)
      .waitFor();
    await page.getByText('1 found on 1 endpoint').waitFor();
    await inOrder('task-find');
    await page.getByRole('main').getByRole('link', { name: 'Tasks' }).click();
    const row = page.getByRole('row', { name: new RegExp(sha1) });
    await row.getByText('running').waitFor();
    await row.getByText('user:admin').waitFor();
    await inOrder('tasks');
  });

  it('restore quarantined files, and say what stays enforced', async () => {
    const listed = newSha1();
    await objects.objects.put({ type: 'file', content: listed, action: 'quarantine' });
    const file = quarantined(1, listed);
    await choose(page, 'Quarantine');
    await page.getByText('No quarantined files.').waitFor();
    await fleet.agent('web-02').detect({ ...file, file: { ...required(file.file), path: { text: path } } });
    const row = page.getByRole('row', { name: /web-02/ });
    await row.getByText(path).waitFor();
    await page.getByLabel('State').selectOption('restored');
    await page.getByText('No files match.').waitFor();
    await page.getByLabel('State').selectOption('quarantined');
    await page.getByLabel(`Select ${path} on web-02`).check();
    await inOrder('quarantine');
    await page.getByLabel('State').selectOption('');
    await page.getByRole('button', { name: 'Restore …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Restore 1 file' });
    await dialog.getByText(`${path} on web-02`).waitFor();
    await dialog.getByText('the file stays blocked').waitFor();
    await dialog.getByLabel('Reason').fill('our own tool');
    expect(await axeProblems(page)).toEqual([]);
    await keepScreenshot(page, 'quarantine-restore');
    await dialog.getByRole('button', { name: 'Restore 1 file' }).click();
    await row.getByText('restoring').waitFor();
    const [task] = await objects.tasks.list();
    expect(task?.work).toMatchObject({ kind: 'restore-files', quarantine: [file.name] });
    await fleet
      .agent('web-02')
      .progress(task?.id ?? '', { kind: 'restore-files', state: 'failed', message: hostileName });
    await row.getByText('quarantined', { exact: true }).waitFor();
    await row.getByText(hostileName, { exact: true }).waitFor();
    expect(await page.evaluate(() => Object(globalThis).hacked)).toBeUndefined();
    expect(failures).toEqual([]);
  });

  /** The page passes the checks, narrow or wide. */
  async function inOrder(what: string): Promise<void> {
    for (const [width, height] of [
      [390, 844],
      [1280, 800],
    ] as const) {
      await page.setViewportSize({ width, height });
      expect({ what, width, problems: await axeProblems(page) }).toEqual({ what, width, problems: [] });
      expect({ what, width, overflows: await overflows(page) }).toEqual({ what, width, overflows: false });
      await keepScreenshot(page, `${what}-light-${width}`);
    }
  }
});

function required<T>(value: T | null): T {
  if (value === null) throw new Error('It is not there.');
  return value;
}
