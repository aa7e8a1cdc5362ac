/** Measures openings in namespaces, on one loop image. */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FileRule } from '../../packages/agent/src/ipc/worker-messages.ts';
import { OnAccessProcess, ruleFor } from '../harness/on-access-process.ts';
import { runMeasurement, loopImage, say, scratch } from '../harness/inside-namespaces.ts';
import { startClamav, startFapolicyd } from '../harness/monitors.ts';
import type { Monitor, MonitorPlan } from '../harness/monitors.ts';
import { Opener } from '../harness/opener-client.ts';

export interface OnAccessPlan {
  readonly rounds: number;
  readonly small: number;
  readonly large: number;
  readonly runs: number;
  readonly listed: number;
  /** Why monitors are not measured, by name. */
  readonly missing: Readonly<Record<string, string>>;
}

/** Microseconds of each opening or run; and why other monitors were not measured. */
export interface OnAccessResult {
  readonly samples: Readonly<Record<string, number[]>>;
  readonly missing: Readonly<Record<string, string>>;
}

const kilobyte = 1024;
const nobody = 65_534;
/** How long until on-access takes equal times for equal content. */
const settled = 150;
const readyWithin = 30_000;

interface Site {
  readonly plan: OnAccessPlan;
  readonly opener: Opener;
  readonly monitored: MonitorPlan;
  readonly small: readonly string[];
  /** Just as small, and not owned by root. */
  readonly users: readonly string[];
  readonly large: readonly string[];
  readonly program: string;
  /** The listed content, in each folder: a monitor may be ready for one folder before the others. */
  readonly evil: readonly string[];
  readonly unsized: readonly FileRule[];
  readonly sized: readonly FileRule[];
  readonly samples: Record<string, number[]>;
  readonly missing: Record<string, string>;
}

await runMeasurement<OnAccessPlan, OnAccessResult>(async ({ plan, folder }) => {
  const place = scratch(folder);
  const { point } = loopImage({ folder, point: join(place, 'files'), type: 'ext2', size: '700M', inodes: 30_000 });
  const site = makeSite(plan, place, point);
  const processPlan = { scratch: place, point, opener: site.opener, changes: plan.rounds * 2 };
  const onAccess = await OnAccessProcess.start(processPlan);
  try {
    const ways = {
      none: async () => withNone(site),
      cordon: async () => withCordon(site, onAccess),
      clamonacc: async () => withMonitor(site, 'clamonacc', startClamav),
      fapolicyd: async () => withMonitor(site, 'fapolicyd', async (given) => startFapolicyd(given)),
    };
    for (let round = 0; round < plan.rounds; round += 1) {
      say(`round ${round + 1} of ${plan.rounds}`);
      for (const way of shuffled(Object.values(ways))) await way();
    }
    return { samples: site.samples, missing: site.missing };
  } finally {
    onAccess.close();
    site.opener.close();
  }
});

function makeSite(plan: OnAccessPlan, place: string, point: string): Site {
  const listed = Buffer.from('listed by all of them\n');
  const sha1s = Array.from({ length: plan.listed }, () => randomBytes(20).toString('hex').toUpperCase());
  const rules = sha1s.map((sha1): FileRule => ({ ...ruleFor(''), sha1 }));
  // Sizes that no file here has, so that nothing needs to be read.
  const sized = rules.map((rule, index): FileRule => ({ ...rule, type: 'file', size: 1_000_000 + index }));
  const program = join(point, 'program');
  copyFileSync(realpathSync('/bin/true'), program);
  chmodSync(program, 0o755);
  const make = (name: string, count: number, bytes: number): string[] => makeFiles(join(point, name), count, bytes);
  const [small, users] = [make('small', plan.small, 4 * kilobyte), make('users', plan.small, 4 * kilobyte)];
  for (const path of users) chownSync(path, nobody, nobody);
  const large = make('large', plan.large, 256 * kilobyte);
  const evil = ['.', 'small', 'users', 'large'].map((name) => join(point, name, 'evil'));
  for (const path of evil) writeFileSync(path, listed);
  return {
    plan,
    opener: new Opener(),
    monitored: { scratch: place, point, listed, sha1s },
    small,
    users,
    large,
    program,
    evil,
    unsized: [...rules, ruleFor(listed)],
    sized: [...sized, ruleFor(listed, listed.length)],
    samples: {},
    missing: { ...plan.missing },
  };
}

function makeFiles(folder: string, count: number, bytes: number): string[] {
  mkdirSync(folder);
  return Array.from({ length: count }, (_, number) => {
    const path = join(folder, `file ${number}`);
    writeFileSync(path, randomBytes(bytes));
    return path;
  });
}

/** New times, so that no monitor's cache applies; and in the page cache, so that no disk is measured. */
async function makeNew({ small, users, large }: Site): Promise<void> {
  const now = new Date();
  for (const path of [...small, ...users, ...large]) utimesSync(path, now, now);
  for (const path of [...small, ...users, ...large]) readFileSync(path);
  await sleep(settled);
}

async function take(site: Site, name: string, measure: (opener: Opener) => Promise<number[]>): Promise<void> {
  const samples = (site.samples[name] ??= []);
  for (const one of await measure(site.opener)) samples.push(one);
}

async function withNone(site: Site): Promise<void> {
  const { small, large, program, plan } = site;
  await makeNew(site);
  await take(site, 'none, 4 KiB', async (opener) => opener.open(small));
  await take(site, 'none, 256 KiB', async (opener) => opener.open(large));
  await take(site, 'none, run', async (opener) => opener.run(program, plan.runs));
}

async function withCordon(site: Site, onAccess: OnAccessProcess): Promise<void> {
  const { small, users, large, program, plan, unsized, sized } = site;
  await makeNew(site);
  await onAccess.on(unsized);
  await onAccess.forget();
  await take(site, 'cordon, 4 KiB first', async (opener) => opener.open(small));
  await take(site, 'cordon, 4 KiB ignored', async (opener) => opener.open(small));
  await take(site, 'cordon, 4 KiB of a user first', async (opener) => opener.open(users));
  await take(site, 'cordon, 4 KiB cached', async (opener) => opener.open(users));
  await take(site, 'cordon, 256 KiB first', async (opener) => opener.open(large));
  await take(site, 'cordon, run', async (opener) => opener.run(program, plan.runs));
  await onAccess.off();
  await makeNew(site);
  await onAccess.on(sized);
  await onAccess.forget();
  await take(site, 'cordon, 4 KiB sized first', async (opener) => opener.open(small));
  await onAccess.off();
}

async function withMonitor(site: Site, name: string, start: (plan: MonitorPlan) => Promise<Monitor>): Promise<void> {
  const { small, large, program, plan, evil, opener, monitored } = site;
  if (site.missing[name] !== undefined) return;
  await makeNew(site);
  const monitor = await start(monitored).catch((error: unknown) => String(error));
  if (typeof monitor === 'string') return void (site.missing[name] = monitor);
  try {
    for (const path of evil) await opener.until(true, path, readyWithin);
    await take(site, `${name}, 4 KiB first`, async () => opener.open(small));
    await take(site, `${name}, 4 KiB again`, async () => opener.open(small));
    await take(site, `${name}, 256 KiB first`, async () => opener.open(large));
    await take(site, `${name}, run`, async () => opener.run(program, plan.runs));
  } catch (error) {
    site.missing[name] = String(error);
  } finally {
    await monitor.stop();
  }
}

function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((one) => ({ one, at: Math.random() }))
    .toSorted((first, second) => first.at - second.at)
    .map(({ one }) => one);
}
