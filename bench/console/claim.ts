/** Claim: the console is as fast with 100,000 endpoints as with ten, on both databases. */
import { existsSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { buildConsole } from '../../tools/console-site.ts';
import { openBrowser, openWindow, signIn } from '../../test/console/browser.ts';
import { startCluster } from '../../test/harness/postgres-cluster.ts';
import { startServer } from '../../test/harness/server.ts';
import type { TestServer } from '../../test/harness/server.ts';
import type { Claim, Row } from '../harness/claim.ts';
import { makeAgentsDatabase } from '../harness/agents-database.ts';
import { watchStalls } from '../harness/process-metrics.ts';
import { median, short, times } from '../harness/numbers.ts';

const many = 100_000;
const few = 10;
const rounds = 7;

/** Median milliseconds; the stall is the longest. */
interface Taken {
  readonly load: number;
  readonly search: number;
  readonly jump: number;
  readonly live: number;
  readonly stall: number;
}

export const consoleClaim: Claim = {
  name: 'console',
  title: `the console with ${many.toLocaleString('en-US')} endpoints`,
  unable: async () => (existsSync('/usr/bin/chromium') ? undefined : 'Chromium is not installed'),
  measure: async (say) => {
    await buildConsole();
    const browser = await openBrowser();
    const cluster = await startCluster();
    try {
      const rows = await onDatabase(browser, 'SQLite', { say, address: async () => undefined });
      if (cluster === undefined) return rows;
      const fresh = (count: number): Promise<string> => cluster.database(`console_${count}`);
      return [...rows, ...(await onDatabase(browser, 'PostgreSQL', { say, address: fresh }))];
    } finally {
      await cluster?.stop();
      await browser.close();
    }
  },
};

interface On {
  readonly say: (line: string) => void;
  /** A database with that many agents; undefined for a SQLite file. */
  readonly address: (count: number) => Promise<string | undefined>;
}

async function onDatabase(browser: Browser, name: string, { say, address }: On): Promise<Row[]> {
  const taken = async (count: number): Promise<Taken> => {
    say(`${name}: writing ${count} agents`);
    const database = await makeAgentsDatabase(count, await address(count));
    const watch = await watchStalls();
    const environment = { ...watch.environment, ...database.environment };
    const server = await startServer({ data: database.data, environment });
    try {
      say(`${name}: looking at ${count} agents`);
      return await look(browser, server, { count, longestStall: watch.longestStall });
    } finally {
      await server.stop();
      await watch.close();
      await database.remove();
    }
  };
  const baselineServer = await taken(few);
  return [rowOf(name, await taken(many), baselineServer)];
}

async function look(
  browser: Browser,
  server: TestServer,
  { count, longestStall }: { count: number; longestStall: () => Promise<number> },
): Promise<Taken> {
  const { page, context } = await openWindow(browser, server);
  await signIn(page, server);
  await longestStall();
  const load = await repeated(() => loaded(page));
  const search = await repeated((round) => searched(page, nameOf(count - round)));
  const jump = await repeated((round) => jumped(page, Math.floor((count * (round + 1)) / (rounds + 1))));
  const live = await repeated((round) => followed(page, server, nameOf(round + 1)));
  const stall = await longestStall();
  await context.close();
  return { load, search, jump, live, stall };
}

async function repeated(take: (round: number) => Promise<number>): Promise<number> {
  const all: number[] = [];
  for (let round = 0; round < rounds; round += 1) all.push(await take(round));
  return median(all);
}

/** From opening the address to the first rows. */
async function loaded(page: Page): Promise<number> {
  const from = performance.now();
  await page.goto('/console/endpoints');
  await page.getByText(nameOf(1)).first().waitFor();
  return performance.now() - from;
}

/** From the last key press to the row; the page waits 120 ms for another key. */
async function searched(page: Page, name: string): Promise<number> {
  const field = page.getByLabel('Search endpoints');
  const from = performance.now();
  await field.fill(name.slice(-5));
  await page.getByText(name).first().waitFor();
  const took = performance.now() - from;
  await field.fill('');
  await page.getByText(nameOf(1)).first().waitFor();
  return took;
}

/** From dragging the scroll bar to the rows there. */
async function jumped(page: Page, index: number): Promise<number> {
  const from = performance.now();
  await page.locator('.long').evaluate((box, top) => box.scrollTo(0, top), index * 40);
  await page
    .getByText(nameOf(Math.max(1, index + 1)))
    .first()
    .waitFor();
  const took = performance.now() - from;
  await page.locator('.long').evaluate((box) => box.scrollTo(0, 0));
  await page.getByText(nameOf(1)).first().waitFor();
  return took;
}

/** From another person's action to the row that shows it; events are batched for 250 ms. */
async function followed(page: Page, server: TestServer, name: string): Promise<number> {
  const console = await server.console();
  const from = performance.now();
  await console.acts.perform({ act: 'isolate', selector: { hostName: name } });
  await page
    .getByRole('row', { name: new RegExp(name) })
    .getByText('Isolating …')
    .waitFor();
  return performance.now() - from;
}

function nameOf(number: number): string {
  return `CLIENT-${String(number).padStart(6, '0')}`;
}

function rowOf(name: string, mine: Taken, baselineServer: Taken): Row {
  const said = (one: Taken): string =>
    `list shown in ${short(one.load)} ms, search ${short(one.search)} ms, jump ${short(one.jump)} ms, ` +
    `somebody else's act seen after ${short(one.live)} ms, longest stall of the server ${short(one.stall)} ms`;
  return {
    what: `${consoleClaim.title}, ${name} (median of ${rounds})`,
    measured: said(mine),
    baseline: `the same with ${few} endpoints: ${said(baselineServer)}`,
    ratio: `${times(mine.load / baselineServer.load)} to load, ${times(mine.search / baselineServer.search)} to search`,
    aim: 'list < 1 s, search < 0.5 s, stall < 20 ms',
  };
}
