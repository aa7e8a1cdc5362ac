/** Claim: one call isolates ten thousand endpoints within seconds, and all reconnect after a crash. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../../test/harness/server.ts';
import type { TestServer } from '../../test/harness/server.ts';
import type { Claim, Row } from '../harness/claim.ts';
import { makeAgentsDatabase } from '../harness/agents-database.ts';
import type { AgentsDatabase } from '../harness/agents-database.ts';
import { memoryOf, processorSeconds } from '../harness/process-metrics.ts';
import { percent, short, times } from '../harness/numbers.ts';
import type { SimulatedAgentsPlan, Progress } from './agents.ts';

const agentCount = 10_000;
const product = 'SLF_PRODUCT_OFFICESCAN_CE';
const timeoutMs = 120_000;
const idleSeconds = 20;

export const tenThousand: Claim = {
  name: 'ten-thousand',
  title: `${agentCount.toLocaleString('en-US')} simulated agents, WebSocket over TLS, one server process`,
  measure: async (say) => {
    const database = await makeAgentsDatabase(agentCount);
    let server = await startServer({ data: database.data });
    const simulatedAgents = await startSimulatedAgents(database, server);
    try {
      say('connecting');
      const before = memoryOf(server.pid).now;
      const connected = await simulatedAgents.until('connected', agentCount);
      const handshake = (processorSeconds(server.pid) / agentCount) * 1e6;
      const memory = memoryOf(server.pid).now - before;
      say('idle');
      const idle = await idleLoad(server.pid);
      say('isolating all by one call');
      simulatedAgents.forget();
      const isolating = await isolateAll(server, simulatedAgents);
      say('kill -9, start, reconnect');
      simulatedAgents.forget();
      const { port } = new URL(server.url);
      await server.kill('SIGKILL');
      const killedAt = performance.now();
      server = await startServer({ data: database.data, listen: `127.0.0.1:${port}` });
      const startedAfter = performance.now() - killedAt;
      await simulatedAgents.until('connected', agentCount);
      const back = performance.now() - killedAt;
      const lost = await notIsolated(server, database);
      return rowsOf({ connected, handshake, memory, idle, ...isolating, startedAfter, back, lost });
    } finally {
      simulatedAgents.close();
      await server.stop();
      await database.remove();
    }
  },
};

interface Measured {
  readonly connected: number;
  /** Server CPU time per agent that connects, in microseconds. */
  readonly handshake: number;
  readonly memory: number;
  readonly idle: number;
  readonly answered: number;
  readonly delivered: number;
  readonly recorded: number;
  readonly echoed: number;
  readonly startedAfter: number;
  readonly back: number;
  readonly lost: number;
}

function rowsOf(measured: Measured): Row[] {
  const { title } = tenThousand;
  return [
    {
      what: `${title}: isolated by one call, every report recorded`,
      measured: `${seconds(measured.recorded)} (call answered after ${seconds(measured.answered)}, last desired state at its agent after ${seconds(measured.delivered)})`,
      baseline: `the same agents answering one WebSocket ping each: ${seconds(measured.echoed)}`,
      ratio: `${times(measured.recorded / measured.echoed)} of the bare echo`,
      aim: '< 2 s',
    },
    {
      what: `${title}: all back after kill -9 of the server`,
      measured: `${seconds(measured.back)}; ${measured.lost} desired states lost`,
      baseline: `first connecting, ${seconds(measured.connected)}, ${short(measured.handshake)} µs of server CPU each; the server's own start, ${seconds(measured.startedAfter)}`,
      ratio: `${times(measured.back / measured.connected)} of the first connecting`,
      aim: '< 20 s, none lost',
    },
    {
      what: `${title}: memory and idle CPU`,
      measured: `${short(measured.memory / agentCount / 1024)} KiB an agent; ${percent(measured.idle)} of a core`,
      baseline: 'none',
      ratio: '',
      aim: 'idle < 5 % of a core',
    },
  ];
}

function seconds(milliseconds: number): string {
  return `${short(milliseconds / 1000)} s`;
}

async function isolateAll(
  server: TestServer,
  simulatedAgents: Group,
): Promise<{ answered: number; delivered: number; recorded: number; echoed: number }> {
  const console = await server.console();
  // Otherwise the guard would require a second person to approve.
  await console.guard.change({ ...(await console.guard.settings()), enabled: false });
  const { client } = await server.client();
  const echoed = await simulatedAgents.echo();
  const from = performance.now();
  const delivered = simulatedAgents.until('desired', agentCount).then(() => performance.now() - from);
  const recorded = simulatedAgents.until('recorded', agentCount).then(() => performance.now() - from);
  const agents = await client.agents.isolate({ product }, { allowMultiple: true });
  const answered = performance.now() - from;
  if (agents.length !== agentCount) throw new Error(`The call was for ${agents.length} agents.`);
  return { answered, delivered: await delivered, recorded: await recorded, echoed };
}

async function idleLoad(pid: number): Promise<number> {
  await sleep(5000);
  const before = processorSeconds(pid);
  await sleep(idleSeconds * 1000);
  return (processorSeconds(pid) - before) / idleSeconds;
}

async function notIsolated(server: TestServer, database: AgentsDatabase): Promise<number> {
  const { client } = await server.client();
  const agents = await client.agents.list();
  return database.agents.length - agents.filter((agent) => agent.isolation === 'isolated').length;
}

/** The processes that simulate the agents. */
interface Group {
  /** Resolves with the milliseconds until `count` agents have reported it. */
  until(what: Progress['what'], count: number): Promise<number>;
  /** Milliseconds for one ping and pong of each agent. */
  echo(): Promise<number>;
  /** Resets the counts. */
  forget(): void;
  close(): void;
}

async function startSimulatedAgents(database: AgentsDatabase, server: TestServer): Promise<Group> {
  const file = join(database.data, 'crowd.json');
  const simulatedAgents: SimulatedAgentsPlan = {
    port: Number(new URL(server.url).port),
    publicKeyPin: server.publicKeyPin,
    key: database.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    agents: database.agents,
  };
  await writeFile(file, JSON.stringify(simulatedAgents), { mode: 0o600 });
  const child = fork(new URL('agents.ts', import.meta.url), [file]);
  const counts = new Map<Progress['what'], number>();
  const changed = new Set<() => void>();
  child.on('message', (message: Progress) => {
    counts.set(message.what, message.count);
    for (const wake of changed) wake();
  });
  child.on('exit', () => changed.forEach((wake) => wake()));
  return groupOf(child, counts, changed);
}

function groupOf(child: ChildProcess, counts: Map<Progress['what'], number>, changed: Set<() => void>): Group {
  const until = async (what: Progress['what'], count: number): Promise<number> => {
    const from = performance.now();
    while ((counts.get(what) ?? 0) < count) {
      if (child.exitCode !== null) throw new Error(`The agents ended with code ${child.exitCode}.`);
      const left = timeoutMs - (performance.now() - from);
      if (left <= 0) throw new Error(`Only ${counts.get(what) ?? 0} of ${count} agents are ${what}.`);
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          changed.delete(done);
          resolve();
        };
        const timer = setTimeout(done, left);
        changed.add(done);
      });
    }
    return performance.now() - from;
  };
  return {
    until,
    echo: () => {
      child.send('echo');
      return until('echoed', agentCount);
    },
    forget: () => {
      child.send('forget');
      counts.clear();
    },
    close: () => child.kill(),
  };
}
