/** Measures a whole agent with its server, then the other monitors, on the same loop image. */
import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonProcess } from '../../test/harness/json-process.ts';
import { Fleet } from '../harness/fleet.ts';
import { runMeasurement, loopImage, say, scratch } from '../harness/inside-namespaces.ts';
import { startClamav, startFapolicyd } from '../harness/monitors.ts';
import type { MonitorPlan } from '../harness/monitors.ts';
import { Opener } from '../harness/opener-client.ts';

export interface MemoryPlan {
  /** The compiled agent. */
  readonly program: string;
  readonly files: number;
  readonly events: number;
  readonly listed: number;
  readonly idleSeconds: number;
  readonly missing: Readonly<Record<string, string>>;
}

/** Kilobytes of one process, as /proc/<pid>/smaps_rollup has them. */
export interface Memory {
  readonly rss: number;
  readonly pss: number;
  readonly dirty: number;
}

/** By process: idle, at its peak while openings are decided, and afterwards. */
export type Memories = Readonly<Record<string, Readonly<Record<'idle' | 'busiest' | 'after', Memory>>>>;

export interface MemoryResult {
  readonly agent: Memories;
  readonly others: Memories;
  readonly missing: Readonly<Record<string, string>>;
}

const nobody = 65_534;
const settled = 150;
const sampleIntervalMs = 200;
const readyWithin = 60_000;
const atOnce = 32;
const parts = ['enforcer', 'link', 'on-access', 'scanner'] as const;

interface Site {
  readonly plan: MemoryPlan;
  readonly opener: Opener;
  readonly paths: readonly string[];
  readonly evil: string;
}

await runMeasurement<MemoryPlan, MemoryResult>(async ({ plan, folder }) => {
  const place = scratch(folder);
  const { point } = loopImage({ folder, point: join(place, 'files'), type: 'ext2', size: '100M', inodes: 10_000 });
  const listed = Buffer.from('listed by all of them\n');
  const site: Site = { plan, opener: new Opener(), paths: makeFiles(point, plan.files), evil: join(point, 'evil') };
  writeFileSync(site.evil, listed);
  const sha1s = Array.from({ length: plan.listed }, () => randomBytes(20).toString('hex').toUpperCase());
  const agent = await memoryOfAgent(site, { folder, point, listed, sha1s });
  const missing: Record<string, string> = { ...plan.missing };
  const monitored: MonitorPlan = { scratch: place, point, listed, sha1s };
  const others: Record<string, Memories[string]> = {};
  const ways = { clamonacc: startClamav, fapolicyd: async (given: MonitorPlan) => startFapolicyd(given) };
  for (const [name, start] of Object.entries(ways)) {
    if (missing[name] !== undefined) continue;
    say(name);
    try {
      const monitor = await start(monitored);
      try {
        await underLoad(site, monitor.pids, others);
      } finally {
        await monitor.stop();
      }
    } catch (error) {
      missing[name] = String(error);
    }
  }
  return { agent, others, missing };
});

async function memoryOfAgent(
  site: Site,
  given: { folder: string; point: string; listed: Buffer; sha1s: readonly string[] },
): Promise<Memories> {
  const fleet = await Fleet.start(given.folder);
  try {
    say(`listing ${given.sha1s.length} hashes`);
    await listAll(fleet, given.sha1s);
    await fleet.client.objects.addFile({ name: 'evil', content: given.listed, action: 'block' });
    const agent = await fleet.endpoint({ name: 'endpoint', point: given.point, program: site.plan.program });
    const memories: Record<string, Memories[string]> = {};
    await site.opener.until(true, site.evil, readyWithin);
    await underLoad(site, processesOf(agent), memories);
    return memories;
  } finally {
    await fleet.close();
  }
}

async function listAll({ client }: Fleet, sha1s: readonly string[]): Promise<void> {
  const left = [...sha1s];
  const some = async (): Promise<void> => {
    for (let content = left.pop(); content !== undefined; content = left.pop())
      await client.objects.add({ type: 'file_sha1', content, action: 'block' });
  };
  await Promise.all(Array.from({ length: atOnce }, some));
}

/** By name. The watchdog is a child of on-access, which does not report it. */
function processesOf(agent: JsonProcess): Record<string, number> {
  const started = parts.map((part): [string, number] => [
    part,
    Number(agent.eventsLike({ event: 'started', process: part }).at(-1)?.['pid']),
  ]);
  const watch = started.find(([part]) => part === 'on-access')?.[1];
  const watchdog = readdirSync('/proc').find((name) => /^\d+$/.test(name) && parentOf(name) === watch);
  return { ...Object.fromEntries(started), supervisor: agent.child.pid ?? 0, watchdog: Number(watchdog) };
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined; // It has ended meanwhile.
  }
}

/** Each opened file has changed since the last opening, so that each is decided and read. */
async function underLoad(
  site: Site,
  pids: Readonly<Record<string, number>>,
  memories: Record<string, Memories[string]>,
): Promise<void> {
  const { plan, opener, paths, evil } = site;
  await opener.until(true, evil, readyWithin);
  await sleep(plan.idleSeconds * 1000);
  const idle = allOf(pids);
  const busiest = { ...idle };
  const timer = setInterval(() => {
    for (const [name, now] of Object.entries(allOf(pids))) if (now.rss > (busiest[name]?.rss ?? 0)) busiest[name] = now;
  }, sampleIntervalMs);
  for (let opened = 0; opened < plan.events; opened += paths.length) {
    const now = new Date();
    for (const path of paths) utimesSync(path, now, now);
    await sleep(settled);
    await opener.open(paths);
  }
  clearInterval(timer);
  const after = allOf(pids);
  const zero: Memory = { rss: 0, pss: 0, dirty: 0 };
  for (const name of Object.keys(pids))
    memories[name] = { idle: idle[name] ?? zero, busiest: busiest[name] ?? zero, after: after[name] ?? zero };
}

function allOf(pids: Readonly<Record<string, number>>): Record<string, Memory> {
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, memoryOf(pid)]));
}

function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]);
  return { rss: field('Rss'), pss: field('Pss'), dirty: field('Private_Dirty') };
}

function makeFiles(point: string, count: number): string[] {
  mkdirSync(join(point, 'small'));
  return Array.from({ length: count }, (_, number) => {
    const path = join(point, 'small', `file ${number}`);
    writeFileSync(path, randomBytes(4096));
    chownSync(path, nobody, nobody);
    return path;
  });
}
