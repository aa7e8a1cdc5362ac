/** What this endpoint knows of itself: what the kernel holds, and which order it follows. */
import { createPublicKey } from 'node:crypto';
import { judge } from './enforcer/judge.ts';
import { State } from './enforcer/state.ts';
import type { Identity } from './enforcer/state.ts';
import { digestOf } from './isolation/canonical.ts';
import { readBack } from './isolation/readback.ts';
import { digestOfText, heldBySimulation } from './isolation/simulated.ts';
import { systemCalls } from './kernel/calls.ts';
import { NetlinkSocket, netlinkFamily } from './kernel/socket.ts';
import { stateFolder } from './pipe/place.ts';
import type { Environment } from './pipe/place.ts';
import { sentenceOf } from './sentence.ts';

export interface Status {
  readonly agent: string | null;
  readonly wanted: { readonly epoch: number; readonly isolation: string; readonly installed: boolean } | null;
  readonly kernel: KernelStatus;
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

export function statusNow(environment: Environment): Status {
  const state = new State(stateFolder(environment));
  const identity = state.identity();
  const kernel = environment['CORDON_AGENT_SIMULATED'] === '1' ? simulatedStatus(state) : kernelStatus();
  return { agent: identity?.agent ?? null, wanted: identity ? wantedOf(state, identity) : null, kernel };
}

export function statusText(status: Status): string {
  const { agent, wanted, kernel } = status;
  const lines = [
    `agent    ${agent ?? 'not enrolled; enrol with: cordon-agent enrol <token>'}`,
    `wanted   ${wanted ? `${wanted.installed ? wanted.isolation : 'uninstalled'}, epoch ${wanted.epoch}` : 'no valid order'}`,
  ];
  if (kernel.held === 'unknown') return [...lines, `kernel   unknown: ${kernel.problem}`].join('\n');
  lines.push(`kernel   ${kernel.held}${kernel.level === 'none' ? '' : ` (${kernel.level})`}`);
  lines.push(`digest   ${kernel.digest}`);
  lines.push(`packets  ${kernel.packetsAccepted} of the management line, ${kernel.packetsDropped} dropped`);
  return lines.join('\n');
}

function wantedOf(state: State, identity: Identity): Status['wanted'] {
  const signed = state.wanted();
  const orderKey = createPublicKey({ key: Buffer.from(identity.orderKey, 'base64'), format: 'der', type: 'spki' });
  const judged = signed && judge(signed, { ...identity, orderKey }, undefined);
  if (judged?.judgement !== 'follow') return null;
  const { epoch, isolation, installed } = judged.order.wanted;
  return { epoch, isolation, installed };
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
