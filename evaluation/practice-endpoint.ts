/** The practice endpoint: a real agent in a namespace of its own, or a simulated one that says so in its name. */
import { execFile } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Agent } from '@cordon/sdk';
import type { PracticeNetwork } from './network.ts';
import { Child } from './processes.ts';
import type { Access } from './server.ts';

const run = promisify(execFile);
const program = new URL('../packages/agent/bin/cordon-agent.mjs', import.meta.url).pathname;
const arrivalMilliseconds = 15_000;

export interface PracticeEndpoint {
  readonly agent: Agent;
  readonly child: Child;
  /** Ends the agent and removes its socket; its state stays for the next start, as after a reboot. */
  stop(): Promise<void>;
}

export interface Plan {
  readonly data: string;
  readonly access: Access;
  /** Undefined where there can be no namespaces: the endpoint is simulated then. */
  readonly network: PracticeNetwork | undefined;
}

/** Enrols the endpoint where it is not enrolled yet, starts its agent and waits until it is connected. */
export async function startPracticeEndpoint(plan: Plan): Promise<PracticeEndpoint> {
  const state = join(plan.data, 'practice-endpoint');
  // A UNIX socket's path holds 107 bytes; the data directory may be anywhere.
  const sockets = await mkdtemp(join(tmpdir(), 'cordon-practice-'));
  const hostName = plan.network === undefined ? 'simulated-practice-endpoint' : 'practice-endpoint';
  const environment = {
    CORDON_AGENT_STATE: state,
    CORDON_AGENT_SOCKET: join(sockets, 'enforcer.sock'),
    CORDON_AGENT_HOST_NAME: hostName,
    ...(plan.network === undefined ? { CORDON_AGENT_SIMULATED: '1' } : {}),
  };
  if (!(await isKnown(state, plan.access))) await enrol(plan, environment);
  const { command, args } = inNamespace(plan.network, ['run', '--with-parent']);
  const child = new Child({
    name: 'practice endpoint',
    command,
    args,
    environment,
    log: join(plan.data, 'practice-endpoint.log'),
  });
  const stop = async (): Promise<void> => {
    await child.stop();
    await rm(sockets, { recursive: true, force: true });
  };
  try {
    return { agent: await arrival(plan.access, hostName, child), child, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Whether the state of an earlier start belongs to an agent that the server still has. */
async function isKnown(state: string, { client, firstRun }: Access): Promise<boolean> {
  const identity = await access(join(state, 'identity.json')).then(
    () => true,
    () => false,
  );
  const agent = firstRun.practiceAgent?.entity_id;
  return identity && agent !== undefined && (await client.agents.list({ entityId: agent })).length === 1;
}

async function enrol(plan: Plan, environment: Readonly<Record<string, string>>): Promise<void> {
  const { token } = await plan.access.console.addEnrolmentToken({
    uses: 1,
    validSeconds: 300,
    note: 'practice endpoint',
  });
  const { command, args } = inNamespace(plan.network, ['enrol', '--replace', token]);
  await run(command, args, { env: { ...process.env, ...environment } });
}

function inNamespace(
  network: PracticeNetwork | undefined,
  args: readonly string[],
): { command: string; args: string[] } {
  const own = [program, ...args];
  if (network === undefined) return { command: process.execPath, args: own };
  return { command: 'nsenter', args: ['--target', String(network.endpoint.pid), '--net', process.execPath, ...own] };
}

async function arrival({ client }: Access, hostName: string, child: Child): Promise<Agent> {
  const deadline = Date.now() + arrivalMilliseconds;
  const died = child.ended.then((how) => Promise.reject(new Error(`The practice endpoint ${how}; ${seeLog}`)));
  while (Date.now() < deadline) {
    const agents = await Promise.race([client.agents.list({ hostName }), died]);
    const online = agents.find((agent) => agent.connection === 'Online');
    if (online !== undefined) return online;
    await setTimeout(100);
  }
  throw new Error(`The practice endpoint did not connect within ${arrivalMilliseconds / 1000} s; ${seeLog}`);
}

const seeLog = 'practice-endpoint.log in the data directory has the cause.';
