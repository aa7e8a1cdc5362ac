/** A server that is killed again and again keeps everything that it has acknowledged, exactly once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, ConsoleClient } from '@cordon/sdk';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { databaseKinds } from '../harness/databases.ts';
import type { FreshDatabase } from '../harness/databases.ts';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/free-port.ts';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { Caller } from './caller.ts';
import { SimulatedEndpoint } from './simulated-endpoint.ts';

const kills = 20;
/** A kill comes at most this long after the calls begin, so that it hits calls in every stage. */
const maxRoundMs = 250;
const hostNames = ['client01', 'client02', 'client03'];
const seed = Number(process.env['CORDON_WALK_SEED'] ?? Math.floor(Math.random() * 2 ** 32));

describe.each(databaseKinds())('a server on $name', { timeout: 600_000 }, (kind) => {
  let database: FreshDatabase;
  let data: string;
  let listen: string;
  let server: TestServer;
  let client: Client;
  let admin: ConsoleClient;
  let endpoints: SimulatedEndpoint[];

  beforeEach(async () => {
    database = await kind.make();
    data = mkdtempSync(join(tmpdir(), 'cordon-killed-'));
    listen = `127.0.0.1:${await freePort()}`;
    endpoints = [];
    server = await start();
    ({ client } = await server.client());
    admin = await server.console();
    const { token } = await admin.enrolment.addToken({ uses: hostNames.length });
    for (const name of hostNames) {
      const endpoint = new SimulatedEndpoint(name);
      endpoints.push(endpoint);
      await endpoint.enrol(token);
      endpoint.run();
    }
  });

  afterEach(async () => {
    await Promise.all(endpoints.map((endpoint) => endpoint.close()));
    await server.stop();
    await database.remove();
    rmSync(data, { recursive: true, force: true });
  });

  function start(): Promise<TestServer> {
    return startServer({ data, listen, database: database.address });
  }

  async function entityIdOf(hostName: string): Promise<string> {
    const [agent] = await client.agents.list({ hostName });
    return agent?.entityId ?? '';
  }

  async function expectPromisesKept(callers: readonly Caller[]): Promise<void> {
    const listed = (await client.objects.list()).map((object) => object.content);
    expect(new Set(listed).size).toBe(listed.length);
    const answered = callers.flatMap((caller) => caller.answeredObjects);
    const doubtful = new Set(callers.flatMap((caller) => caller.doubtfulObjects));
    expect(listed.filter((content) => !doubtful.has(content)).sort()).toEqual(
      answered.filter((content) => !doubtful.has(content)).sort(),
    );
    for (const caller of callers) {
      const agent = await entityIdOf(caller.hostName);
      expect(caller.possibleDesired).toContain((await admin.agents.get(agent)).desired);
      const commands = await admin.commands.list({ agent, limit: 1000 });
      const acts = commands.reverse().map(({ act }) => (act === 'isolate' ? 'I' : 'R'));
      expect(acts.join('')).toMatch(caller.commands);
    }
  }

  test(`killed ${kills} times during calls (CORDON_WALK_SEED=${seed}), it has everything it acknowledged, exactly once`, async () => {
    const random = generator(seed);
    const callers = hostNames.map(
      (hostName, index) => new Caller({ hostName, client, random: generator(seed + 1 + index) }),
    );
    for (let round = 0; round < kills; round += 1) {
      const calling = Promise.all(callers.map((caller) => caller.callUntilCut()));
      await sleep(random() * maxRoundMs);
      await server.kill('SIGKILL');
      await calling;
      server = await start();
      await expectPromisesKept(callers);
    }
    expect(callers.reduce((sum, caller) => sum + caller.calls, 0)).toBeGreaterThan(kills * callers.length);

    // Restarted, because an agent that has lost its server often waits longer each time.
    await Promise.all(endpoints.map((endpoint) => endpoint.stop()));
    for (const endpoint of endpoints) endpoint.run();
    const listed = (await client.objects.list()).map((object) => object.content).sort();
    for (const endpoint of endpoints) {
      const agent = await entityIdOf(endpoint.name);
      const { desired } = await admin.agents.get(agent);
      await client.agents.waitFor(agent, desired === 'isolated' ? 'isolated' : 'normal', { timeoutSeconds: 60 });
      await eventually(`${endpoint.name} holds every object`, () => sameAs(endpoint.objects(), listed) || undefined);
      expect(endpoint.held()).toBe(desired);
    }
  });
});

function sameAs(some: readonly string[], others: readonly string[]): boolean {
  return JSON.stringify(some) === JSON.stringify(others);
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function generator(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
