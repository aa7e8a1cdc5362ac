/** Measures the rounds: a server, endpoints with real agents and loop images, and many simulated agents. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fleet } from '../harness/fleet.ts';
import { runMeasurement, loopImage, say, scratch } from '../harness/inside-namespaces.ts';
import type { SimulatedAgentsPlan, SimulatedAgentsMessage } from './simulated-agents.ts';
import type { Tried } from './file-opener.ts';

export interface PutPlan {
  readonly rounds: number;
  readonly endpoints: number;
  readonly played: number;
}

/** Milliseconds from just before the call, one entry per round; `refused` is sorted by time. */
export interface Puts {
  readonly answered: number[];
  readonly refused: number[][];
  readonly played: number[];
}

/** Rounds that are not counted: the agents' code is not warm yet, and its protections are not ready. */
const before = 3;
const settled = 200;

interface Site {
  readonly fleet: Fleet;
  readonly trying: readonly ChildProcess[];
  readonly simulatedAgents: ChildProcess;
  readonly points: readonly string[];
}

await runMeasurement<PutPlan, Puts>(async ({ plan, folder }) => {
  const place = scratch(folder);
  const points = Array.from({ length: plan.endpoints }, (_, number) => {
    const point = join(place, `endpoint-${number}`);
    return loopImage({ folder, point, type: 'ext4', size: '32M', inodes: 2000 }).point;
  });
  for (const point of points)
    for (let round = 0; round < plan.rounds + before; round += 1)
      writeFileSync(join(point, nameOf(round)), textOf(round));
  const fleet = await Fleet.start(folder);
  let simulatedAgents: ChildProcess | undefined;
  try {
    say(`enrolling ${plan.endpoints} real agents and ${plan.played} simulated ones`);
    for (const [number, point] of points.entries()) await fleet.endpoint({ name: `endpoint-${number}`, point });
    simulatedAgents = await startSimulatedAgents(fleet, plan.played);
    const trying = points.map(() => fork(new URL('file-opener.ts', import.meta.url)));
    return await measure({ fleet, trying, simulatedAgents, points }, plan.rounds);
  } finally {
    simulatedAgents?.kill('SIGKILL');
    await fleet.close();
  }
});

async function startSimulatedAgents(fleet: Fleet, count: number): Promise<ChildProcess> {
  const { fingerprint } = fleet.server;
  const simulatedAgents: SimulatedAgentsPlan = { url: fleet.url, fingerprint, token: fleet.token, count };
  const child = fork(new URL('simulated-agents.ts', import.meta.url), [JSON.stringify(simulatedAgents)]);
  await once(child, 'message');
  return child;
}

async function measure(site: Site, rounds: number): Promise<Puts> {
  const puts: Puts = { answered: [], refused: [], played: [] };
  for (let round = 0; round < rounds + before; round += 1) {
    const { answered, refused, played } = await put(site, round);
    if (round < before) continue;
    puts.answered.push(answered);
    puts.refused.push(refused);
    puts.played.push(played);
    if (round % 20 === 0) say(`round ${round - before + 1} of ${rounds}`);
  }
  return puts;
}

async function put(
  { fleet, trying, simulatedAgents, points }: Site,
  round: number,
): Promise<{ answered: number; refused: number[]; played: number }> {
  const opened = trying.map(async (child, index) => {
    child.send(join(points[index] ?? '', nameOf(round)));
    await tried(child);
  });
  await Promise.all(opened);
  await sleep(settled + Math.random() * 100);
  const refusals = trying.map(tried);
  const held: Promise<SimulatedAgentsMessage[]> = once(simulatedAgents, 'message');
  const from = process.hrtime.bigint();
  const since = (at: string | bigint): number => Number(BigInt(at) - from) / 1e6;
  await fleet.client.objects.addFile({ name: nameOf(round), content: Buffer.from(textOf(round)), action: 'block' });
  const answered = since(process.hrtime.bigint());
  const refused = (await Promise.all(refusals)).map((one) => since('at' in one ? one.at : from));
  const [last] = await held;
  return {
    answered,
    refused: refused.toSorted((one, other) => one - other),
    played: since(last && 'at' in last ? last.at : from),
  };
}

async function tried(child: ChildProcess): Promise<Tried> {
  const [answer]: Tried[] = await once(child, 'message');
  if (!answer || 'failed' in answer) throw new Error(answer?.failed ?? 'The file opener sent nothing.');
  return answer;
}

function nameOf(round: number): string {
  return `file ${round}`;
}

function textOf(round: number): string {
  return `a small file that is listed in round ${round}\n`.repeat(20);
}
