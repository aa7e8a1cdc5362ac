/** Reads the answers of the console API about acts and what makes them safe: guard, approvals, profiles, receipts. */
import type {
  ActOutcome,
  Approval,
  AuditCheckpoints,
  BreakGlassCode,
  GuardReason,
  GuardSettings,
  Profile,
} from '@cordon/protocol/console';
import { Fields, isRecord } from './reading.ts';

export function readActOutcome(value: unknown): ActOutcome {
  const fields = new Fields(value);
  return {
    affected: fields.records('affected').map(readTarget),
    leftOut: fields.records('leftOut').map(readLeftOut),
    guard: readGuardReasons(fields),
    approval: fields.numberOrNull('approval'),
  };
}

export function readApproval(value: unknown): Approval {
  const fields = new Fields(value);
  const state = fields.text('state');
  return {
    id: fields.number('id'),
    act: fields.text('act'),
    requestedBy: fields.text('requestedBy'),
    requestedAt: fields.number('requestedAt'),
    expiresAt: fields.number('expiresAt'),
    reasons: readGuardReasons(fields, 'reasons'),
    terms: fields.text('terms'),
    reason: fields.text('reason'),
    agents: fields.number('agents'),
    hostNames: fields.list('hostNames'),
    state: (['approved', 'rejected', 'expired'] as const).find((known) => known === state) ?? 'pending',
    decidedBy: fields.textOrNull('decidedBy'),
    decidedAt: fields.numberOrNull('decidedAt'),
  };
}

export function readGuardSettings(value: unknown): GuardSettings {
  const fields = new Fields(value);
  return {
    enabled: fields.yes('enabled'),
    perApplicationPerHour: fields.number('perApplicationPerHour'),
    perPersonPerHour: fields.number('perPersonPerHour'),
    shareOfFleet: fields.number('shareOfFleet'),
    shareCountsAbove: fields.number('shareCountsAbove'),
  };
}

export function readProfile(value: unknown): Profile {
  const fields = new Fields(value);
  return {
    name: fields.text('name'),
    exceptions: fields.records('exceptions').map(readException),
    dhcp: fields.yes('dhcp'),
    changedAt: fields.number('changedAt'),
  };
}

export function readBreakGlassCode(value: unknown): BreakGlassCode {
  const fields = new Fields(value);
  return { agent: fields.text('agent'), epoch: fields.number('epoch'), code: fields.text('code') };
}

export function readCheckpoints(value: unknown): AuditCheckpoints {
  const fields = new Fields(value);
  return {
    publicKey: fields.text('publicKey'),
    checkpoints: fields.records('checkpoints').map((one) => {
      const point = new Fields(one);
      return {
        id: point.number('id'),
        hash: point.text('hash'),
        at: point.number('at'),
        signature: point.text('signature'),
      };
    }),
  };
}

function readTarget(value: unknown): ActOutcome['affected'][number] {
  const fields = new Fields(value);
  return { agent: fields.text('agent'), hostName: fields.text('hostName'), isolation: fields.text('isolation') };
}

function readLeftOut(value: unknown): ActOutcome['leftOut'][number] {
  const fields = new Fields(value);
  return { agent: fields.text('agent'), hostName: fields.text('hostName'), why: fields.text('why') };
}

/** A rule that is new to this client still has its sentence. */
function readGuardReasons(fields: Fields, name = 'guard'): GuardReason[] {
  return fields.records(name).map((one) => {
    const reason = new Fields(one);
    const rule = (['protected', 'share'] as const).find((known) => known === reason.text('rule')) ?? 'budget';
    return { rule, message: reason.text('message') };
  });
}

function readException(value: unknown): Profile['exceptions'][number] {
  const fields = new Fields(value);
  const ports = fields.raw('ports');
  return {
    direction: fields.text('direction') === 'in' ? 'in' : 'out',
    protocol: fields.text('protocol') === 'udp' ? 'udp' : 'tcp',
    network: fields.text('network'),
    ports: isRecord(ports)
      ? { first: new Fields(ports).number('first'), last: new Fields(ports).number('last') }
      : null,
  };
}
