/** Drives Chromium like a person: signs in, opens pages, and checks them with axe. */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { TestServer } from '../harness/server.ts';

export const themes = ['light', 'dark'] as const;
export const widths = [1280, 390] as const;

const program = process.env['CORDON_CHROMIUM'] ?? '/usr/bin/chromium';
const screenshots = new URL('../../build/screenshots/', import.meta.url).pathname;
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** False, with a message, if Chromium is not installed; in CI it must be. */
export function hasChromium(): boolean {
  if (existsSync(program)) return true;
  if (process.env['CI'] === 'true') throw new Error('CI must install Chromium; nothing is left out there.');
  console.warn('Left out: the tests of the console; Chromium is not installed (Debian: apt-get install chromium).');
  return false;
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu'] });
}

export interface View {
  readonly theme: (typeof themes)[number];
  readonly width: (typeof widths)[number];
}

/** A separate browser window, not signed in. Any script error of a page fails `failures`. */
export async function openWindow(browser: Browser, server: TestServer, view: Partial<View> = {}): Promise<Window> {
  const width = view.width ?? 1280;
  const context = await browser.newContext({
    baseURL: server.url,
    ignoreHTTPSErrors: true,
    colorScheme: view.theme ?? 'light',
    // Only the end state of a transition is checked.
    reducedMotion: 'reduce',
    viewport: { width, height: width > 600 ? 800 : 844 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const failures: string[] = [];
  page.on('pageerror', (error) => failures.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content.Security.Policy/i.test(message.text())) failures.push(message.text());
  });
  return { page, context, failures };
}

export interface Window {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Script errors, and what the content security policy blocked. */
  readonly failures: string[];
}

/** Signs in as the first administrator. */
export async function signIn(page: Page, server: TestServer): Promise<void> {
  const { admin } = JSON.parse(await readFile(join(server.data, 'first-run.json'), 'utf8'));
  await signInAs(page, admin);
}

export async function signInAs(page: Page, who: { user: string; password: string }): Promise<void> {
  await page.goto('/console/');
  await page.getByLabel('User').fill(who.user);
  await page.getByLabel('Password').fill(who.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}

/** Follows a navigation link; a narrow window hides the navigation behind a button. */
export async function choose(page: Page, name: string): Promise<void> {
  const button = page.getByRole('button', { name: 'Navigation' });
  if (await button.isVisible()) await button.click();
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }).click();
}

/** Violations that axe finds in the page or a part of it, under WCAG 2.2 A and AA, one per line. */
export async function axeProblems(page: Page, part = 'html'): Promise<string[]> {
  if (await page.evaluate(() => Object(globalThis).axe === undefined)) await page.evaluate(await readFile(axe, 'utf8'));
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  return page.evaluate(
    async ([values, selector]) => {
      const { violations } = await Object(globalThis).axe.run(selector, {
        runOnly: { type: 'tag', values },
        // Longer output would not be read.
        resultTypes: ['violations'],
      });
      return violations.map(
        (one: { id: string; help: string; nodes: { html: string; failureSummary: string }[] }) =>
          `${one.id}: ${one.help}\n${one.nodes.map((node) => `    ${node.html}\n    ${node.failureSummary}`).join('\n')}`,
      );
    },
    [tags, part] as const,
  );
}

/** Whether the page itself scrolls sideways; only a table inside it may. */
export function overflows(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}

/**
 * Saved in `build/screenshots` for people to look at if CORDON_SCREENSHOTS is set: a screenshot takes as long as axe.
 */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  if (process.env['CORDON_SCREENSHOTS'] === undefined) return;
  await mkdir(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true, animations: 'disabled' });
}

/** Like a person who drops a file from the desktop. */
export async function drop(page: Page, name: string, text: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([fileName, fileText]) => {
      const made = new DataTransfer();
      made.items.add(new File([fileText ?? ''], fileName ?? ''));
      return made;
    },
    [name, text],
  );
  await page.locator('.drop').dispatchEvent('drop', { dataTransfer: transfer });
}
