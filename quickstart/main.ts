/**
 * The quickstart in one command: a server, and a practice endpoint that is isolated for real.
 *
 *   npm start      settings: CORDON_DATA (data), CORDON_LISTEN (127.0.0.1:8443), CORDON_DATABASE
 */
import { mkdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { buildConsole } from '../tools/console-site.ts';
import { buildDisk, writeSample } from './disk.ts';
import type { PracticeDisk } from './disk.ts';
import { writeFirstRun } from './first-run.ts';
import { buildNetwork, whyNoNamespaces } from './network.ts';
import type { PracticeNetwork } from './network.ts';
import { startPracticeEndpoint } from './practice-endpoint.ts';
import type { PracticeEndpoint } from './practice-endpoint.ts';
import { prepareAccess, startServer } from './server.ts';
import type { Access, RunningServer } from './server.ts';

const gatewayPort = 8443;
const data = resolve(process.env['CORDON_DATA'] ?? 'data');
/** What has been started, in order; stopped in reverse. */
const started: { stop(): Promise<void> }[] = [];
let stopping: Promise<never> | undefined;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));
await main().catch((error: unknown) => {
  if (stopping !== undefined) return;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  void stop(1);
});

async function main(): Promise<void> {
  await mkdir(data, { recursive: true, mode: 0o700 });
  await buildConsole().catch((error: unknown) => {
    // This user may not write to the checkout. Everything but the pages works.
    process.stderr.write(`The console could not be built: ${String(error)}\n`);
  });
  const { network, without } = await networkOrReason();
  if (network !== undefined) started.push(network);
  const server = await startServer(data, gatewayFor(network));
  started.push(server.child);
  const access = await prepareAccess(data, server);
  const gateway = gatewayOf(server, network);
  const sample = await writeSample(data);
  const disk = network === undefined ? undefined : await diskOrNone({ network, sample });
  if (disk !== undefined) started.push(disk);
  const endpoint = await startPracticeEndpoint({ data, access, network, gateway });
  started.push(endpoint);
  await enforceOn(endpoint, access);
  const practiceAgent = { entity_id: endpoint.agent.entityId, host_name: endpoint.agent.hostName };
  await writeFirstRun(data, { ...access.firstRun, practiceAgent });
  welcome({ server, endpoint, network, without, sample });
  if (network !== undefined) followTraffic(network);
  if (disk !== undefined) followFileOpener(disk);
  endWithServer(server, endpoint);
}

/** A container may allow namespaces but no cables between them. Then the endpoint is simulated, and the reason is printed. */
async function networkOrReason(): Promise<{ network: PracticeNetwork | undefined; without: string | undefined }> {
  const without = await whyNoNamespaces();
  if (without !== undefined) return { network: undefined, without };
  try {
    return { network: await buildNetwork(data), without: undefined };
  } catch (error) {
    const [why] = (error instanceof Error ? error.message : String(error)).split('\n');
    return { network: undefined, without: `the practice network could not be built (${why})` };
  }
}

/** If no filesystem can be mounted, files are listed but not blocked; everything else works. */
async function diskOrNone(plan: Parameters<typeof buildDisk>[1]): Promise<PracticeDisk | undefined> {
  try {
    return await buildDisk(data, plan);
  } catch (error) {
    const [why] = (error instanceof Error ? error.message : String(error)).split('\n');
    process.stderr.write(`The practice endpoint has no disk of its own, so files are not blocked there (${why}).\n`);
    return undefined;
  }
}

/** Objects are enforced by groups only; this group is for the practice endpoint alone. */
async function enforceOn(endpoint: PracticeEndpoint, { console }: Access): Promise<void> {
  const objects = console;
  await objects.groups.put('practice', { onAccess: 'enforce', sweep: 'enforce', network: 'enforce' });
  await objects.agents.moveToGroup(endpoint.agent.entityId, 'practice');
}

/** The endpoint cannot reach this machine's loopback, so the server also listens at the end of its cable. */
function gatewayFor(network: PracticeNetwork | undefined): Record<string, string> {
  if (network === undefined || process.env['CORDON_GATEWAY_LISTEN'] !== undefined) return {};
  const gateway = `${network.serverAddress}:${gatewayPort}`;
  return { CORDON_GATEWAY_LISTEN: gateway, CORDON_ADVERTISE: gateway };
}

/** Where the endpoint finds the server, as `host:port`. */
function gatewayOf(server: RunningServer, network: PracticeNetwork | undefined): string {
  const given = process.env['CORDON_ADVERTISE'] ?? process.env['CORDON_GATEWAY_LISTEN'];
  return gatewayFor(network)['CORDON_ADVERTISE'] ?? given ?? new URL(server.url).host;
}

function welcome(running: {
  server: RunningServer;
  endpoint: PracticeEndpoint;
  network: PracticeNetwork | undefined;
  without: string | undefined;
  sample: string;
}): void {
  const { server, endpoint, network, without } = running;
  const name = endpoint.agent.hostName;
  const file = relative(process.cwd(), join(data, 'first-run.json'));
  const about =
    network === undefined
      ? `"${name}" is simulated, because ${without}: no packet of this machine is affected.`
      : `"${name}" (${network.endpointAddress}) is a real agent in a network namespace of its own.\n  It talks to its neighbour ${network.neighbourAddress} fifty times a second; the lines below say what the neighbour receives.`;
  const sample = relative(process.cwd(), running.sample);
  process.stdout.write(`
Cordon is running at ${server.url}
  console              ${server.url}/console/ (sign in as "admin")
  certificate SHA-256  ${server.fingerprint}
  keys and password    ${file} (only you can read it)

${about}

Type in another terminal:
  npx cordon login --from ${file}
  npx cordon agents list
  npx cordon agents isolate ${name} --wait
  npx cordon agents release ${name} --wait
  npx cordon objects add-file ${sample} --action block --note "my first file"
  npx cordon objects list
  npx cordon detections list

Ctrl-C stops everything and leaves nothing behind but ${relative(process.cwd(), data) || data}.

`);
}

/** Prints when the neighbour stops receiving from the endpoint, and when it receives again. */
function followTraffic(network: PracticeNetwork): void {
  let isReceiving: boolean | undefined;
  network.neighbour.onMessage((message) => {
    if (typeof message !== 'object' || message === null || !('received' in message)) return;
    const now = Number(message.received) > 0;
    if (now === isReceiving) return;
    isReceiving = now;
    const time = new Date().toTimeString().slice(0, 8);
    process.stdout.write(
      `${time}  the neighbour ${now ? 'receives packets from the endpoint' : 'receives nothing from the endpoint'}\n`,
    );
  });
}

/** Prints when the endpoint can no longer open the sample, and when it can again. */
function followFileOpener(disk: PracticeDisk): void {
  let last: unknown;
  const words: Readonly<Record<string, string>> = {
    yes: 'can open its copy of sample.txt',
    EPERM: 'cannot open its copy of sample.txt any more: Operation not permitted',
    ENOENT: 'has no copy of sample.txt any more: it is in quarantine',
  };
  disk.reader.onMessage((message) => {
    if (typeof message !== 'object' || message === null || !('open' in message)) return;
    const { open } = message;
    if (open === last) return;
    last = open;
    const time = new Date().toTimeString().slice(0, 8);
    process.stdout.write(`${time}  the endpoint ${words[String(open)] ?? `gets ${String(open)} for sample.txt`}\n`);
  });
}

/** Ends when the server does. An endpoint that was uninstalled leaves the rest running. */
function endWithServer(server: RunningServer, endpoint: PracticeEndpoint): void {
  void server.child.ended.then((how) => {
    if (stopping !== undefined) return;
    process.stderr.write(`The server ${how}; ${join(data, 'server.log')} has the cause.\n`);
    void stop(1);
  });
  void endpoint.child.ended.then((how) => {
    if (stopping === undefined)
      process.stdout.write(`The practice endpoint ${how}. "npm start" enrols a new one next time.\n`);
  });
}

function stop(code: number): Promise<never> {
  stopping ??= (async (): Promise<never> => {
    for (const one of started.toReversed()) await one.stop();
    process.exit(code);
  })();
  return stopping;
}
