/** What this endpoint knows of itself: what the kernel holds, which order it follows, and what has become of it. */
import { createPublicKey } from 'node:crypto';
import type { Exception, Wanted } from '@cordon/protocol/channel';
import { judge } from '../enforcer/desired-state/verify.ts';
import { State } from '../enforcer/state/state.ts';
import type { Identity, Standing } from '../enforcer/state/state.ts';
import { digestOf } from '../kernel/nftables/canonical.ts';
import { readBack } from '../kernel/nftables/readback.ts';
import { digestOfText, heldBySimulation } from '../enforcer/isolation/simulated.ts';
import { systemCalls } from '../kernel/calls.ts';
import { NetlinkSocket, netlinkFamily } from '../kernel/netlink/socket.ts';
import { askEnforcer } from '../ipc/control-client.ts';
import { counterPath, stateFolder } from '../ipc/paths.ts';
import type { Environment } from '../ipc/paths.ts';
import { decodeObjectsStatus } from '../ipc/control-messages.ts';
import type { ObjectsStatus } from '../ipc/control-messages.ts';
import { sentenceOf } from '../message-of.ts';

export interface Status {
  readonly agent: string | null;
  readonly wanted: WantedStatus | null;
  readonly kernel: KernelStatus;
  /** As the enforcer says; null when it does not run, or whoever asks is not root. */
  readonly objects: ObjectsStatus | null;
}

interface WantedStatus extends Pick<Wanted, 'epoch' | 'isolation' | 'installed'> {
  readonly deadline: number | null;
  readonly exceptions: readonly Exception[];
  readonly breakGlass: boolean;
  readonly lifted: Standing['lifted'] | null;
  readonly tampering: Standing['tampering'] | null;
  readonly wrongCodes: number;
}

type KernelStatus =
  | { readonly held: 'unknown'; readonly problem: string }
  | {
      readonly held: 'isolated' | 'normal';
      readonly digest: string;
      readonly level: 'owner-persist' | 'plain' | 'simulated' | 'none';
      readonly packetsAccepted: number;
      readonly packetsDropped: number;
    };

export async function statusNow(environment: Environment): Promise<Status> {
  const state = new State(stateFolder(environment));
  const identity = state.identity();
  const kernel = environment['CORDON_AGENT_SIMULATED'] === '1' ? simulatedStatus(state) : kernelStatus();
  const wanted = identity ? wantedOf(state, identity) : null;
  return { agent: identity?.agent ?? null, wanted, kernel, objects: await objectsNow(environment) };
}

async function objectsNow(environment: Environment): Promise<ObjectsStatus | null> {
  try {
    return decodeObjectsStatus(await askEnforcer(counterPath(environment), { ask: 'objects' })) ?? null;
  } catch {
    return null; // Shown as such.
  }
}

export function statusText(status: Status): string {
  return [isolationText(status), objectsText(status.objects)].join('\n');
}

function isolationText({ agent, wanted, kernel }: Status): string {
  const lines = [
    `agent    ${agent ?? 'not enrolled; enrol with: cordon-agent enrol <token>'}`,
    `wanted   ${wanted ? `${wanted.installed ? wanted.isolation : 'uninstalled'}, epoch ${wanted.epoch}` : 'no valid order'}`,
    ...(wanted ? orderLines(wanted) : []),
  ];
  if (kernel.held === 'unknown') return [...lines, `kernel   unknown: ${kernel.problem}`].join('\n');
  lines.push(`kernel   ${kernel.held}${kernel.level === 'none' ? '' : ` (${kernel.level})`}`);
  lines.push(`digest   ${kernel.digest}`);
  lines.push(`packets  ${kernel.packetsAccepted} of the management line, ${kernel.packetsDropped} dropped`);
  return lines.join('\n');
}

function objectsText(objects: ObjectsStatus | null): string {
  if (!objects) return 'objects  unknown: the enforcer does not answer, or you are not root';
  const { settings, held, parts } = objects;
  const kinds = (['onAccess', 'sweep', 'network'] as const).map((kind) => {
    const { state, sentence } = held[kind];
    const name = kind === 'onAccess' ? 'openings' : kind;
    return `${name.padEnd(9)}${settings[kind]}, ${state}${sentence === null ? '' : `: ${sentence}`}`;
  });
  return [
    `objects  ${objects.objects} listed at revision ${objects.revision}, ${objects.fileRules} rules for files; group ${settings.group}`,
    ...kinds,
    `parts    watch ${parts.watch ? 'runs' : 'does not run'}, files ${parts.files ? 'runs' : 'does not run'}`,
    `spool    ${objects.spooled} detections wait for the server`,
    ...objects.tasks.map(
      (one) => `task     ${one.task}, ${one.kind}: ${one.files} of ${one.of ?? '?'} files, ${one.found} found`,
    ),
  ].join('\n');
}

/** Only what there is something to say of. */
function orderLines({ deadline, lifted, exceptions, tampering, wrongCodes }: WantedStatus): string[] {
  return [
    ...(deadline === null ? [] : [`until    ${timeText(deadline)}`]),
    ...(lifted ? [`lifted   ${timeText(lifted.at)} by ${lifted.by}`] : []),
    ...exceptions.map((one) => `opening  ${one.direction} ${one.protocol} ${one.network} ${portsText(one.ports)}`),
    ...(tampering ? [`tampered ${tampering.count} times, last at ${timeText(tampering.lastAt)}; put back`] : []),
    ...(wrongCodes === 0 ? [] : [`codes    ${wrongCodes} wrong break-glass codes`]),
  ];
}

function wantedOf(state: State, identity: Identity): WantedStatus | null {
  const signed = state.wanted();
  const orderKey = createPublicKey({ key: Buffer.from(identity.orderKey, 'base64'), format: 'der', type: 'spki' });
  const judged = signed && judge(signed, { ...identity, orderKey }, undefined);
  if (judged?.judgement !== 'follow') return null;
  const { epoch, isolation, installed, deadline, exceptions, breakGlass } = judged.order.wanted;
  const saved = state.standing();
  const standing = saved?.epoch === epoch ? saved : undefined;
  return {
    epoch,
    isolation,
    installed,
    deadline: deadline ?? null,
    exceptions: exceptions ?? [],
    breakGlass: breakGlass !== undefined,
    lifted: standing?.lifted ?? null,
    tampering: standing?.tampering ?? null,
    wrongCodes: standing?.wrongCodes?.count ?? 0,
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
  const text = heldBySimulation(state.simulated);
  const held = text === '' ? 'normal' : 'isolated';
  return { held, digest: digestOfText(text), level: 'simulated', packetsAccepted: 0, packetsDropped: 0 };
}

function kernelStatus(): KernelStatus {
  const calls = systemCalls();
  if (calls instanceof Error) return { held: 'unknown', problem: calls.message };
  try {
    const socket = new NetlinkSocket(calls, netlinkFamily.netfilter);
    const { tables, packetsAccepted, packetsDropped } = readBack(socket);
    socket.close();
    const owned = tables.every((table) => table.flags.includes('persist'));
    const level = tables.length === 0 ? 'none' : owned ? 'owner-persist' : 'plain';
    const held = tables.length === 0 ? 'normal' : 'isolated';
    return { held, digest: digestOf(tables), level, packetsAccepted, packetsDropped };
  } catch (error) {
    return { held: 'unknown', problem: sentenceOf(error) };
  }
}
