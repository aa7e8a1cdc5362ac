/** Every dialog, opened with the keyboard: correct at any width and theme; the focus stays and returns. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detection, detectedFile, quarantined } from '../server/object-samples.ts';
import { axeProblems, hasChromium, keepScreenshot, openWindow, signIn, themes, widths } from './browser.ts';
import { Fleet, hostileName } from './fleet.ts';

interface Opening {
  /** The name of the screenshot. */
  readonly what: string;
  readonly at: string;
  /** What to tick first. */
  readonly tick?: string;
  readonly opener: string;
  readonly title: string;
  /** The button in the dialog that opens another one. */
  readonly on?: { readonly button: string; readonly title: string };
}

const settings = '/administration/settings';
const sha1 = 'AB'.repeat(20);

describe.runIf(hasChromium())('dialogs', () => {
  let fleet: Fleet;
  let page: Page;
  let failures: readonly string[];
  let task: string;

  beforeAll(async () => {
    fleet = await Fleet.open();
    task = await furnish(fleet);
    ({ page, failures } = await openWindow(fleet.browser, fleet.server));
    await signIn(page, fleet.server);
  });
  afterAll(() => fleet.close());

  it('of endpoints are in order', async () => {
    const isolated = `/endpoints/${fleet.agent('web-02').id}`;
    await walk([
      { what: 'isolate', at: '/endpoints', tick: 'Select web-01', opener: 'Isolate …', title: 'Isolate web-01' },
      { what: 'release', at: '/endpoints', tick: 'Select web-02', opener: 'Release …', title: 'Release web-02' },
      { what: 'group', at: '/endpoints', tick: 'Select web-01', opener: 'Move to group …', title: 'Move web-01' },
      { what: 'terms', at: isolated, opener: 'Edit isolation …', title: 'Isolate web-02' },
      { what: 'endpoint-release', at: isolated, opener: 'Release …', title: 'Release web-02' },
      { what: 'move', at: isolated, opener: 'Move to group …', title: 'Move web-02' },
      { what: 'sweep-one', at: isolated, opener: 'Scan …', title: 'Scan web-02' },
      { what: 'find-one', at: isolated, opener: 'Search for a file …', title: 'Search for a file' },
      { what: 'uninstall', at: isolated, opener: 'Uninstall …', title: 'Uninstall the agent on web-02' },
      {
        what: 'break-glass',
        at: isolated,
        opener: 'Break-glass code …',
        title: 'Break-glass code for web-02',
        on: { button: 'Show code', title: 'Break-glass code for web-02' },
      },
      {
        what: 'forget',
        at: `/endpoints/${fleet.agent('laptop-07').id}`,
        opener: 'Forget …',
        title: 'Forget laptop-07',
      },
      {
        what: 'held',
        at: `/endpoints/${fleet.agent('db-01').id}`,
        opener: 'Isolate …',
        title: 'Isolate db-01',
        on: { button: 'Isolate db-01', title: 'Approval required' },
      },
    ]);
    expect(failures).toEqual([]);
  }, 300_000);

  it('of objects, detections, tasks, quarantine and commands are in order', async () => {
    const object = `/objects/file/${sha1}`;
    await walk([
      { what: 'object-add', at: '/objects', opener: 'Add manually', title: 'Add a suspicious object' },
      { what: 'object-change', at: object, opener: 'Edit …', title: 'Edit object' },
      { what: 'object-undo', at: object, opener: 'Undo …', title: 'Remove from the list' },
      {
        what: 'end-processes',
        at: '/detections',
        opener: 'End processes on web-02 …',
        title: 'End 2 processes on web-02',
      },
      { what: 'sweep', at: '/tasks', opener: 'Scan now …', title: 'Scan now' },
      { what: 'find', at: '/tasks', opener: 'Search for a file …', title: 'Search for a file' },
      { what: 'cancel', at: `/tasks/${task}`, opener: 'Cancel …', title: 'Cancel task' },
      {
        what: 'restore',
        at: '/quarantine',
        tick: `Select /tmp/${hostileName} on web-02`,
        opener: 'Restore …',
        title: 'Restore 1 file',
      },
      { what: 'approve', at: '/commands', opener: 'Approve …', title: 'Approve: isolate laptop-07' },
    ]);
    expect(failures).toEqual([]);
  }, 300_000);

  it('of the administration are in order', async () => {
    const access = `${settings}/automation-api-access`;
    await walk([
      { what: 'key-delete', at: access, opener: 'Delete app', title: 'Delete app' },
      {
        what: 'key-new',
        at: access,
        opener: 'New key for app',
        title: 'New key for app',
        on: { button: 'Create a new key', title: 'New key for app' },
      },
      { what: 'profile-add', at: `${settings}/isolation-profiles`, opener: 'Add a profile', title: 'Add a profile' },
      { what: 'profile-edit', at: `${settings}/isolation-profiles`, opener: 'Edit forensics', title: 'Edit forensics' },
      {
        what: 'profile-remove',
        at: `${settings}/isolation-profiles`,
        opener: 'Remove forensics',
        title: 'Remove forensics',
      },
      { what: 'group-add', at: `${settings}/groups`, opener: 'Add a group', title: 'Add a group' },
      { what: 'group-edit', at: `${settings}/groups`, opener: 'Edit canary', title: 'Edit canary' },
      { what: 'group-remove', at: `${settings}/groups`, opener: 'Remove canary', title: 'Remove canary' },
      { what: 'webhook-add', at: `${settings}/notifications`, opener: 'Add a webhook', title: 'Add a webhook' },
      { what: 'webhook-edit', at: `${settings}/notifications`, opener: 'Edit chat', title: 'Edit chat' },
      {
        what: 'webhook-calls',
        at: `${settings}/notifications`,
        opener: 'Deliveries to chat',
        title: 'Deliveries to chat',
      },
      { what: 'webhook-remove', at: `${settings}/notifications`, opener: 'Remove chat', title: 'Remove chat' },
      {
        what: 'webhook-secret',
        at: `${settings}/notifications`,
        opener: 'New secret for chat',
        title: 'New secret for chat',
        on: { button: 'Create a new secret', title: 'Secret for chat' },
      },
      {
        what: 'account-add',
        at: '/administration/accounts',
        opener: 'Add an account',
        title: 'Add an account',
      },
      { what: 'account-edit', at: '/administration/accounts', opener: 'Edit olga', title: 'Edit olga' },
      { what: 'account-remove', at: '/administration/accounts', opener: 'Remove olga', title: 'Remove olga' },
      {
        what: 'account-password',
        at: '/administration/accounts',
        opener: 'New password for olga',
        title: 'New password for olga',
        on: { button: 'Create a new password', title: 'Password for olga' },
      },
    ]);
    expect(failures).toEqual([]);
  }, 300_000);

  async function walk(openings: readonly Opening[]): Promise<void> {
    for (const opening of openings) {
      const { what, title, on } = opening;
      const opener = await open(opening);
      await inOrder(what, page.getByRole('dialog', { name: title, exact: true }));
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      const back = await opener.evaluate((element) => element === document.activeElement);
      expect({ what, back }).toEqual({ what, back: true });
      if (on === undefined) continue;
      await opener.press('Enter');
      await page.getByRole('dialog').getByRole('button', { name: on.button, exact: true }).click();
      await page
        .getByRole('dialog')
        .getByRole('button', { name: on.button, exact: true })
        .waitFor({ state: 'detached' });
      await inOrder(`${what}-on`, page.getByRole('dialog', { name: on.title, exact: true }));
    }
  }

  /** Opens a dialog without a mouse; returns the element that opened it. */
  async function open({ at, tick, opener }: Opening): Promise<Locator> {
    await page.goto(`/console${at}`);
    if (tick !== undefined) await page.getByLabel(tick, { exact: true }).check();
    const button = page.getByRole('main').getByRole('button', { name: opener, exact: true, disabled: false });
    await button.press('Enter');
    return button;
  }

  async function inOrder(what: string, dialog: Locator): Promise<void> {
    await dialog.waitFor();
    expect({ what, focus: await focusIn(page) }).toEqual({ what, focus: true });
    // Nothing behind it is reachable, by the keyboard or by a script that requests the focus.
    await page.evaluate(() => document.querySelector<HTMLElement>('main a, main button, nav a')?.focus());
    for (let times = 0; times < 12; times += 1) {
      await page.keyboard.press('Tab');
      expect({ what, times, focus: await focusIn(page) }).toEqual({ what, times, focus: true });
    }
    for (const theme of themes) {
      for (const width of widths) {
        await page.emulateMedia({ colorScheme: theme });
        await page.setViewportSize({ width, height: width > 600 ? 800 : 844 });
        const view = { what, theme, width };
        expect({ ...view, problems: await axeProblems(page, 'dialog') }).toEqual({ ...view, problems: [] });
        expect({ ...view, wide: await isTooWide(page) }).toEqual({ ...view, wide: false });
        if ((theme === 'dark') === (width === 390)) await keepScreenshot(page, `dialog-${what}-${theme}-${width}`);
      }
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  }
});

/** In the open dialog, or on the browser's own buttons, which Tab passes through. */
function focusIn(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const at = document.activeElement;
    return at === null || at === document.body || at.closest('dialog[open]') !== null;
  });
}

function isTooWide(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const dialog = document.querySelector('dialog[open]');
    return dialog === null || dialog.scrollWidth > dialog.clientWidth;
  });
}

/** Creates something to do on every page; returns the ID of a running task. */
async function furnish(fleet: Fleet): Promise<string> {
  const client = await fleet.server.console();
  const objects = client;
  await client.profiles.put('forensics', { exceptions: [], dhcp: true });
  await client.applications.add({ name: 'app', timeoutSeconds: 120 });
  await client.webhooks.add({ name: 'chat', url: 'https://chat.example/hook', enabled: false });
  await client.accounts.add({ user: 'olga', role: 'Operator', scope: [] });
  await objects.groups.put('canary', {});
  await objects.objects.put({ type: 'file', content: sha1, action: 'quarantine', notes: hostileName });
  await client.acts.perform({
    act: 'isolate',
    selector: { hostName: 'web-02' },
    reason: hostileName,
    forSeconds: 3600,
  });
  for (const name of ['db-01', 'laptop-07']) await client.agents.protect(fleet.agent(name).id, true);
  const { client: application } = await fleet.server.client();
  await application.agents.isolate({ hostName: 'laptop-07' }).catch(() => undefined); // Held for a second person.
  const path = { text: `/tmp/${hostileName}` };
  const process = {
    pid: 7,
    startedAt: 9,
    name: 'cat',
    executable: `/usr/bin/${'long/'.repeat(40)}cat`,
    commandLine: '',
  };
  const usedBy = [process, { ...process, pid: 8, commandLine: hostileName.repeat(5) }];
  const taken = quarantined(2, sha1);
  await fleet.agent('web-02').detect(detection(1, { file: detectedFile({ path, usedBy }) }), {
    ...taken,
    file: detectedFile({ sha1, quarantine: taken.name, path }),
  });
  const { id } = await objects.tasks.add({ work: { kind: 'find', files: [{ sha1, size: null }] } });
  return id;
}
