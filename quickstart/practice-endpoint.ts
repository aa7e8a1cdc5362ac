/** The practice endpoint: a real agent in its own namespace, or a simulated one that is named so. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Agent } from '@cordon/sdk';
import { practiceMountPoint } from './disk.ts';
import type { PracticeNetwork } from './network.ts';
import { Child } from './processes.ts';
import type { Access } from './server.ts';

const run = promisify(execFile);
const program = new URL('../packages/agent/bin/cordon-agent.mjs', import.meta.url).pathname;
const arrivalTimeoutMs = 15_000;
/** The limit for a UNIX socket's path; the data directory may be anywhere. */
const maxSocketPathBytes = 107;

export interface PracticeEndpoint {
  readonly agent: Agent;
  readonly child: Child;
  /** Stops the agent and removes its socket. Its state stays for the next start, as after a reboot. */
  stop(): Promise<void>;
}

export interface Plan {
  readonly data: string;
  readonly access: Access;
  /** Undefined if namespaces are not available; then the endpoint is simulated. */
  readonly network: PracticeNetwork | undefined;
  /** Where the endpoint finds the server: `host:port`, or several separated by commas. */
  readonly gateway: string;
}

/** Enrols the endpoint if necessary, starts its agent and waits until it is connected. */
export async function startPracticeEndpoint(plan: Plan): Promise<PracticeEndpoint> {
  const state = join(plan.data, 'practice-endpoint');
  const sockets = await shortFolder(state);
  const hostName = plan.network === undefined ? 'simulated-practice-endpoint' : 'practice-endpoint';
  const environment = {
    CORDON_AGENT_STATE: state,
    CORDON_AGENT_HOST_NAME: hostName,
    // The only place where it may watch, sweep and quarantine files: never the files of this machine.
    CORDON_AGENT_ON_ACCESS_ONLY: practiceMountPoint(plan.data),
    ...(sockets === undefined ? {} : { CORDON_AGENT_SOCKET: join(sockets, 'enforcer.sock') }),
    ...(plan.network === undefined ? { CORDON_AGENT_SIMULATED: '1' } : {}),
  };
  if (!(await isKnown(state, plan))) await enrol(plan, environment);
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
    if (sockets !== undefined) await rm(sockets, { recursive: true, force: true });
  };
  try {
    return { agent: await arrival(plan.access, hostName, child), child, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Another folder for the agent's socket if its path below the state would be too long. */
async function shortFolder(state: string): Promise<string | undefined> {
  const usual = join(state, 'run', 'enforcer.sock');
  return Buffer.byteLength(usual) > maxSocketPathBytes ? mkdtemp(join(tmpdir(), 'cordon-practice-')) : undefined;
}

/** Whether the state of an earlier start belongs to an agent that this server still has. */
async function isKnown(state: string, { access, gateway }: Plan): Promise<boolean> {
  const identity = await readFile(join(state, 'identity.json'), 'utf8').catch(() => '{}');
  const { gateways = [] }: { gateways?: { host: string; port: number }[] } = JSON.parse(identity);
  const remembered = new Set(gateways.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`));
  const agent = access.firstRun.practiceAgent?.entity_id;
  if (agent === undefined || !gateway.split(',').some((one) => remembered.has(one.trim()))) return false;
  return (await access.client.agents.list({ entityId: agent })).length === 1;
}

async function enrol(plan: Plan, environment: Readonly<Record<string, string>>): Promise<void> {
  const { token } = await plan.access.console.enrolment.addToken({
    uses: 1,
    validSeconds: 300,
    note: 'practice endpoint',
  });
  const { command, args } = inNamespace(plan.network, ['enrol', '--replace', '-']);
  const enrolling = run(command, args, { env: { ...process.env, ...environment } });
  // Not an argument: every user of this machine could read it, and a failure would print it.
  enrolling.child.stdin?.end(token);
  await enrolling;
}

function inNamespace(
  network: PracticeNetwork | undefined,
  args: readonly string[],
): { command: string; args: string[] } {
  const own = [program, ...args];
  if (network === undefined) return { command: process.execPath, args: own };
  const inside = ['--target', String(network.endpoint.pid), '--net', '--mount'];
  return { command: 'nsenter', args: [...inside, process.execPath, ...own] };
}

async function arrival({ client }: Access, hostName: string, child: Child): Promise<Agent> {
  const deadline = Date.now() + arrivalTimeoutMs;
  const died = child.ended.then((how) => Promise.reject(new Error(`The practice endpoint ${how}; ${seeLog}`)));
  while (Date.now() < deadline) {
    const agents = await Promise.race([client.agents.list({ hostName }), died]);
    const online = agents.find((agent) => agent.connection === 'Online');
    if (online !== undefined) return online;
    await setTimeout(100);
  }
  throw new Error(`The practice endpoint did not connect within ${arrivalTimeoutMs / 1000} s; ${seeLog}`);
}

const seeLog = 'practice-endpoint.log in the data directory has the cause.';
