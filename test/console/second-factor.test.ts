/** The second factor in the browser: scan a QR code, enter six digits, save the recovery codes. */
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeProblems, choose, hasChromium, keepScreenshot, openWindow, overflows, signIn } from './browser.ts';
import { Fleet } from './fleet.ts';

describe.runIf(hasChromium())('a second factor', () => {
  let fleet: Fleet;
  let page: Page;
  let failures: readonly string[];

  beforeAll(async () => {
    fleet = await Fleet.open();
    ({ page, failures } = await openWindow(fleet.browser, fleet.server));
    await signIn(page, fleet.server);
  });
  afterAll(() => fleet.close());

  it('is set up by a code to scan, and confirmed by six digits', async () => {
    await page.getByRole('link', { name: 'admin' }).click();
    const panel = page.getByRole('region', { name: 'Second factor' });
    const { admin } = JSON.parse(await readFile(join(fleet.server.data, 'first-run.json'), 'utf8'));
    await panel.getByLabel('Your password').fill(admin.password);
    await panel.getByRole('button', { name: 'Set up an authenticator' }).click();
    const code = panel.getByRole('img', { name: 'QR code for the authenticator' });
    await code.waitFor();
    expect(await finders(page)).toEqual(['#######', '#######', '#######']);
    expect(await axeProblems(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await overflows(page)).toBe(false);
    await page.setViewportSize({ width: 1280, height: 800 });
    await keepScreenshot(page, 'second-factor');
    const uri = new URL((await panel.getByRole('link', { name: 'open it in the app' }).getAttribute('href')) ?? '');
    await panel.getByLabel('Six-digit code').fill(digitsOf(uri.searchParams.get('secret') ?? ''));
    await panel.getByRole('button', { name: 'Confirm' }).click();
    await panel.getByText('Second factor enabled.').waitFor();
    await panel.getByRole('button', { name: 'I have saved them' }).click();
    await choose(page, 'Endpoints');
    await page.getByText('web-01').first().waitFor();
    expect(failures).toEqual([]);
  });
});

/** The upper edges of the three marks by which scanners find a code, in the corners inside its border. */
function finders(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const svg = document.querySelector('.qr-code');
    const dark = new Set((svg?.querySelector('path')?.getAttribute('d') ?? '').match(/M\d+ \d+/g));
    const size = Number(svg?.getAttribute('viewBox')?.split(' ')[2]);
    const edge = (x: number, y: number): string =>
      [0, 1, 2, 3, 4, 5, 6].map((step) => (dark.has(`M${x + step} ${y}`) ? '#' : ' ')).join('');
    return [edge(4, 4), edge(size - 11, 4), edge(4, size - 11)];
  });
}

/** The code that an authenticator shows (RFC 6238), computed independently. */
function digitsOf(base32: string): string {
  const letters = Array.from(base32, (letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter));
  const bits = letters.map((value) => value.toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const number = mac.readUInt32BE((mac.at(-1) ?? 0) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}
