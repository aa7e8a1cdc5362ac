/** `cordon-agent status`: the desired state, and what the kernel enforces. */
import { createPublicKey } from 'node:crypto';
import type { Exception, DesiredState } from '@cordon/protocol/channel';
import { dirname } from 'node:path';
import { loadDesiredState } from '../enforcer/desired-state/saved.ts';
import { State } from '../enforcer/state/state.ts';
import type { Identity, SavedOutcome } from '../enforcer/state/state.ts';
import { digestOf } from '../kernel/nftables/canonical.ts';
import { readTables } from '../kernel/nftables/readback.ts';
import { countPackets } from '../enforcer/isolation/proof.ts';
import { isolationTableName } from '../enforcer/isolation/ruleset.ts';
import { digestOfText, readSimulatedIsolation } from '../enforcer/simulated/simulated-isolation.ts';
import { systemCalls } from '../kernel/calls.ts';
import { NetlinkSocket, netlinkFamily } from '../kernel/netlink/socket.ts';
import { askEnforcer } from '../ipc/control-socket.ts';
import { controlPath, isSimulated, socketPath, stateFolder } from '../ipc/paths.ts';
import type { Environment } from '../ipc/paths.ts';
import { decodeObjectsStatus } from '../ipc/control-messages.ts';
import type { ObjectsStatus } from '../ipc/control-messages.ts';
import { messageOf } from '../message-of.ts';

export interface Status {
  readonly agent: string | null;
  readonly desired: DesiredStatus | null;
  readonly kernel: KernelStatus;
  /** From the enforcer; null when it is not running, or we are not root. */
  readonly objects: ObjectsStatus | null;
}

interface DesiredStatus extends Pick<DesiredState, 'epoch' | 'isolation' | 'installed'> {
  readonly deadline: number | null;
  readonly exceptions: readonly Exception[];
  readonly breakGlass: boolean;
  readonly released: SavedOutcome['released'] | null;
  readonly tampering: SavedOutcome['tampering'] | null;
  readonly wrongCodes: number;
}

type KernelStatus =
  | { readonly isolation: 'unknown'; readonly problem: string }
  | {
      readonly isolation: 'isolated' | 'normal';
      readonly digest: string;
      readonly level: 'owner-persist' | 'plain' | 'simulated' | 'none';
      readonly packetsAccepted: number;
      readonly packetsDropped: number;
    };

export async function statusNow(environment: Environment): Promise<Status> {
  const state = new State(stateFolder(environment), dirname(socketPath(environment)));
  const identity = state.identity();
  const kernel = isSimulated(environment) ? simulatedStatus(state) : kernelStatus();
  const desired = identity ? desiredOf(state, identity) : null;
  return { agent: identity?.agent ?? null, desired, kernel, objects: await objectsNow(environment) };
}

async function objectsNow(environment: Environment): Promise<ObjectsStatus | null> {
  try {
    return decodeObjectsStatus(await askEnforcer(controlPath(environment), { type: 'objects' })) ?? null;
  } catch {
    return null; // Shown as such.
  }
}

export function statusText(status: Status): string {
  return [isolationText(status), objectsText(status.objects)].join('\n');
}

function isolationText({ agent, desired, kernel }: Status): string {
  const lines = [
    `agent    ${agent ?? 'not enrolled; enrol with: cordon-agent enrol <token>'}`,
    `desired  ${desired ? `${desired.installed ? desired.isolation : 'uninstalled'}, epoch ${desired.epoch}` : 'none that is valid'}`,
    ...(desired ? desiredLines(desired) : []),
  ];
  if (kernel.isolation === 'unknown') return [...lines, `kernel   unknown: ${kernel.problem}`].join('\n');
  lines.push(`kernel   ${kernel.isolation}${kernel.level === 'none' ? '' : ` (${kernel.level})`}`);
  lines.push(`digest   ${kernel.digest}`);
  lines.push(`packets  ${kernel.packetsAccepted} of the management connection, ${kernel.packetsDropped} dropped`);
  return lines.join('\n');
}

function objectsText(objects: ObjectsStatus | null): string {
  if (!objects) return 'objects  unknown: the enforcer does not answer, or you are not root';
  const { settings, held, workers } = objects;
  const kinds = (['onAccess', 'sweep', 'network'] as const).map((kind) => {
    const { state, message } = held[kind];
    const name = kind === 'onAccess' ? 'openings' : kind;
    return `${name.padEnd(9)}${settings[kind]}, ${state}${message === null ? '' : `: ${message}`}`;
  });
  return [
    `objects  ${objects.objects} listed at revision ${objects.revision}, ${objects.fileRules} file rules; group ${settings.group}`,
    ...kinds,
    `workers  on-access ${workers['on-access'] ? 'runs' : 'does not run'}, scanner ${workers.scanner ? 'runs' : 'does not run'}`,
    `spool    ${objects.spooled} detections waiting for the server`,
    ...objects.tasks.map(
      (one) => `task     ${one.task}, ${one.kind}: ${one.files} of ${one.of ?? '?'} files, ${one.found} found`,
    ),
  ].join('\n');
}

/** Only lines that say something. */
function desiredLines({ deadline, released, exceptions, tampering, wrongCodes }: DesiredStatus): string[] {
  return [
    ...(deadline === null ? [] : [`until    ${timeText(deadline)}`]),
    ...(released ? [`released ${timeText(released.at)} by ${released.by}`] : []),
    ...exceptions.map((one) => `exception ${one.direction} ${one.protocol} ${one.network} ${portsText(one.ports)}`),
    ...(tampering ? [`tampered ${tampering.count} times, last at ${timeText(tampering.lastAt)}; restored`] : []),
    ...(wrongCodes === 0 ? [] : [`codes    ${wrongCodes} wrong break-glass codes`]),
  ];
}

function desiredOf(state: State, identity: Identity): DesiredStatus | null {
  const signingKey = createPublicKey({ key: Buffer.from(identity.signingKey, 'base64'), format: 'der', type: 'spki' });
  const saved = loadDesiredState({ state, log: () => undefined }, { ...identity, signingKey });
  if (!saved) return null;
  const { epoch, isolation, installed, deadline, exceptions, breakGlass } = saved.desired;
  const outcome = state.outcome();
  const own = outcome?.epoch === epoch ? outcome : undefined;
  return {
    epoch,
    isolation,
    installed,
    deadline: deadline ?? null,
    exceptions: exceptions ?? [],
    breakGlass: breakGlass !== undefined,
    released: own?.released ?? null,
    tampering: own?.tampering ?? null,
    wrongCodes: own?.wrongCodes?.count ?? 0,
  };
}

function portsText(ports: Exception['ports']): string {
  if (!ports) return 'all ports';
  return ports.first === ports.last ? `port ${ports.first}` : `ports ${ports.first}-${ports.last}`;
}

function timeText(at: number): string {
  return new Date(at).toISOString();
}

function simulatedStatus(state: State): KernelStatus {
  const text = readSimulatedIsolation(state.path('simulated'));
  const isolation = text === '' ? 'normal' : 'isolated';
  return { isolation, digest: digestOfText(text), level: 'simulated', packetsAccepted: 0, packetsDropped: 0 };
}

function kernelStatus(): KernelStatus {
  try {
    const socket = new NetlinkSocket(systemCalls(), netlinkFamily.netfilter);
    const read = readTables(socket, isolationTableName);
    socket.close();
    const tables = read.map(({ table }) => table);
    const owned = tables.every((table) => table.flags.includes('persist'));
    const level = tables.length === 0 ? 'none' : owned ? 'owner-persist' : 'plain';
    const isolation = tables.length === 0 ? 'normal' : 'isolated';
    return { isolation, digest: digestOf(tables), level, ...countPackets(read) };
  } catch (error) {
    return { isolation: 'unknown', problem: messageOf(error) };
  }
}
