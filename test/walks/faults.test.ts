/**
 * Two hundred random faults while endpoints are isolated and released.
 *
 * The last desired state is always reached, and no status is reported that the kernel does not hold.
 *
 * The seed is printed; `CORDON_FAULTS_SEED` repeats a run, `CORDON_FAULTS` sets their number.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CordonError } from '@cordon/sdk';
import { root } from '../harness/privileged.ts';
import { databaseKinds } from '../harness/databases.ts';
import type { Endpoint } from '../harness/endpoint.ts';
import { eventually } from '../harness/eventually.ts';
import { Site } from './site.ts';

const seed = Number(process.env['CORDON_FAULTS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const faultCount = Number(process.env['CORDON_FAULTS'] ?? 200);
const random = randomFrom(seed);
const hosts = ['client01', 'client02'];

/** The desired state of each endpoint: by the last action that was answered. `unknown` after one that was not. */
type DesiredState = 'normal' | 'isolated' | 'unknown';

// SQLite only: its backup is a file. PostgreSQL has its own tools for backups.
const [sqlite] = databaseKinds();

// Skipped without root: the endpoints need network namespaces.
describe.skipIf(!root)('random faults', () => {
  let site: Site;
  let endpoints: Endpoint[];
  const desired = new Map<string, DesiredState>(hosts.map((host) => [host, 'normal']));
  let backup: Map<string, DesiredState> | undefined;

  beforeAll(async () => {
    if (sqlite === undefined) throw new Error('There is no SQLite.');
    site = await Site.open(sqlite);
    endpoints = await Promise.all(hosts.map((host) => site.managed(host)));
  });

  afterAll(() => site.close());

  const faults: Readonly<Record<string, () => Promise<void>>> = {
    'kill the enforcer': async () => killPart('enforcer'),
    'kill the link': async () => killPart('link'),
    'pause the enforcer': () => pause(partOf('enforcer')),
    'pause the link': () => pause(partOf('link')),
    'pause the server': () => pause(site.server.pid),
    'cut the cable': async () => {
      const { network } = pick(endpoints);
      network.ip('link set net0 down');
      await sleep(random() * 300);
      network.ip('link set net0 up');
    },
    'the disk refuses': async () => {
      // An immutable directory accepts no new file, not even from root, just like a full or failing disk.
      const { state } = pick(endpoints);
      execFileSync('chattr', ['+i', state]);
      try {
        await someActs();
      } finally {
        execFileSync('chattr', ['-i', state]);
      }
    },
    'kill the server': async () => {
      await site.server.kill('SIGKILL');
      await site.startAgain();
    },
    'reboot an endpoint': async () => {
      const endpoint = pick(endpoints);
      await endpoint.stop();
      endpoint.host.run('nft', 'flush', 'ruleset');
      endpoint.run();
      for (const part of ['enforcer', 'link'] as const) {
        await eventually(`${part} runs`, () => endpoint.pidOf(part) > 0 || undefined);
      }
    },
    'restore the server from a backup': restoreBackup,
  };

  test(`${faultCount} of them, seed ${seed}`, { timeout: 600_000 }, async () => {
    const names = Object.keys(faults);
    for (let done = 0; done < faultCount; done += 1) {
      const name = pick(names);
      const acting = someActs();
      await faults[name]?.();
      await acting;
      await nothingFalse(`after fault ${done} (${name})`);
      if (done % 10 === 9) await converged(`after fault ${done} (${name})`);
    }
    expect(await converged('at the end')).toBe(hosts.length);
  });

  function partOf(part: 'enforcer' | 'link'): number {
    return pick(endpoints).pidOf(part);
  }

  async function killPart(part: 'enforcer' | 'link'): Promise<void> {
    const endpoint = pick(endpoints);
    const pid = endpoint.pidOf(part);
    kill(pid, 'SIGKILL');
    await eventually(`${part} runs again`, () => endpoint.pidOf(part) !== pid || undefined);
  }

  /** Alternates: makes a backup, then restores it with all its older epochs. */
  async function restoreBackup(): Promise<void> {
    await site.server.stop();
    const files = dirname(site.database.address);
    const copy = join(site.data, 'backup');
    if (backup === undefined) {
      cpSync(files, copy, { recursive: true });
      backup = new Map(desired);
    } else {
      rmSync(files, { recursive: true });
      cpSync(copy, files, { recursive: true });
      for (const [host, one] of backup) desired.set(host, one);
      backup = undefined;
      rmSync(copy, { recursive: true });
    }
    await site.startAgain();
  }

  /** A few actions. One that is not answered may or may not have been done; both are correct. */
  async function someActs(): Promise<void> {
    for (let left = 1 + Math.floor(random() * 3); left > 0; left -= 1) {
      const hostName = pick(hosts);
      const act = random() < 0.5 ? 'isolate' : 'restore';
      desired.set(hostName, 'unknown');
      try {
        await site.client.agents[act]({ hostName });
        desired.set(hostName, act === 'isolate' ? 'isolated' : 'normal');
      } catch (error) {
        if (!(error instanceof CordonError && error.kind === 'network')) throw error;
      }
      await sleep(random() * 30);
    }
  }

  /** A status that is not pending must be true now, because nobody acts during the check. */
  async function nothingFalse(when: string): Promise<void> {
    for (const endpoint of endpoints) {
      const [agent] = await site.client.agents.list({ hostName: endpoint.name });
      // A status is what was last proved. An endpoint that is offline may have been rebooted, so it is not checked.
      if (agent?.connection !== 'Online') continue;
      const held = endpoint.tables() > 0 ? 'isolated' : 'normal';
      const settled = agent.isolation === 'isolated' || agent.isolation === 'normal';
      if (settled && agent.isolation !== held) await contradiction(endpoint, `${when}: ${endpoint.name}`);
    }
  }

  /** The kernel may already hold a change that the agent is about to report; then the status follows at once. */
  async function contradiction(endpoint: Endpoint, what: string): Promise<void> {
    await eventually(`the status of ${what} is what its kernel holds`, async () => {
      const [agent] = await site.client.agents.list({ hostName: endpoint.name });
      return agent?.isolation === (endpoint.tables() > 0 ? 'isolated' : 'normal') || undefined;
    });
  }

  /** Returns the number of endpoints that reached their desired state. */
  async function converged(when: string): Promise<number> {
    let count = 0;
    for (const endpoint of endpoints) {
      const goal = desired.get(endpoint.name) ?? 'unknown';
      const status = await eventually(`${when} ${endpoint.name} has its desired state (${goal})`, async () => {
        const [agent] = await site.client.agents.list({ hostName: endpoint.name });
        const isolation = agent?.isolation;
        const settled = isolation === 'isolated' || isolation === 'normal';
        return agent?.connection === 'Online' && settled && (goal === 'unknown' || isolation === goal)
          ? isolation
          : undefined;
      });
      expect(endpoint.tables(), `${when}: the kernel of ${endpoint.name}`).toBe(status === 'isolated' ? 3 : 0);
      count += 1;
    }
    return count;
  }
});

async function pause(pid: number): Promise<void> {
  kill(pid, 'SIGSTOP');
  await sleep(random() * 300);
  kill(pid, 'SIGCONT');
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Another fault has just ended it; its successor is not this fault's target.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function pick<T>(items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('There is nothing to pick from.');
  return item;
}

/** Mulberry32: small, and the same on every machine. */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
