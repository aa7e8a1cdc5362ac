/** The table of acts: what each changes, when the guard checks it, what proves it done. */
import { acts } from '@cordon/protocol/automation';
import type { Act, Isolation } from '@cordon/protocol/automation';
import type { Access } from '../access/permissions.ts';
import type { DesiredChange } from '../desired-state/desired-states.ts';

/**
 * What the requester may set. Times are relative to the moment the act is performed: an approval may come hours later.
 */
export interface ActOptions {
  readonly serverId?: string;
  readonly folder?: string;
  readonly forSeconds?: number;
  readonly profile?: string;
  readonly message?: string;
}

/** The part of an agent's desired state that an act is compared with. */
export interface DesiredNow {
  readonly desired_installed: 0 | 1;
  readonly desired_isolation: 'normal' | 'isolated';
  readonly desired_deadline: number | null;
  readonly desired_profile: string | null;
  readonly desired_message: string | null;
}

export interface ActRules {
  /** The columns it sets in each desired state. */
  readonly columns: (
    options: ActOptions,
    occasion: { readonly now: number; readonly approvals: number },
  ) => DesiredChange;
  /** Whether it would change an agent's desired state. */
  readonly changes: (agent: DesiredNow, options: ActOptions, now: number) => boolean;
  /** The isolation that proves it done; undefined where a report of its epoch, or a farewell, proves it. */
  readonly doneWhen: Isolation | undefined;
  /** What else ends it: any report of its epoch, or only the agent's farewell. */
  readonly endedBy: 'isolation' | 'report' | 'farewell';
  /** Whether a change newly isolates an endpoint or removes its agent. The guard checks only those. */
  readonly guarded: ((agent: DesiredNow) => boolean) | undefined;
  /** What a decision on it requires besides the right to approve; undefined for nothing more. */
  readonly permission: { readonly access: Access; readonly refusal: string } | undefined;
  /** The acts it replaces: the newest desired state counts. */
  readonly supersedes: readonly Act[];
  /**
   * What it does to a desired state that Cordon did not write. An act that sets the isolation replaces that state
   * completely. Any other act must not adopt the rest of it, so it skips the agent or releases it first.
   */
  readonly whenForged: 'replace' | 'release-first' | 'pass-over';
}

const noOptions = { desired_deadline: null, desired_profile: null, desired_message: null };

export const actTable = {
  isolate: {
    // A new isolation starts without the options of an older one.
    columns: (options, { now, approvals }) => ({
      desired_isolation: 'isolated',
      desired_approvals: approvals,
      ...noOptions,
      ...stated(options, now),
    }),
    // Options it does not set keep their current value.
    changes: (agent, options, now) => agent.desired_isolation !== 'isolated' || differs(agent, stated(options, now)),
    doneWhen: 'isolated',
    endedBy: 'isolation',
    guarded: (agent) => agent.desired_isolation !== 'isolated',
    permission: undefined,
    supersedes: ['release'],
    whenForged: 'replace',
  },
  release: {
    columns: () => ({ desired_isolation: 'normal', desired_approvals: 1, ...noOptions }),
    changes: (agent) => agent.desired_isolation !== 'normal',
    doneWhen: 'normal',
    endedBy: 'isolation',
    guarded: undefined,
    permission: undefined,
    supersedes: ['isolate'],
    whenForged: 'replace',
  },
  relocate: {
    columns: ({ serverId, folder }) => ({
      ...(serverId === undefined ? {} : { server_id: serverId }),
      ...(folder === undefined ? {} : { folder }),
    }),
    changes: () => true,
    doneWhen: undefined,
    endedBy: 'report',
    guarded: undefined,
    permission: undefined,
    supersedes: [],
    whenForged: 'pass-over',
  },
  uninstall: {
    columns: () => ({ desired_installed: 0 }),
    changes: (agent) => agent.desired_installed === 1,
    doneWhen: undefined,
    endedBy: 'farewell',
    guarded: () => true,
    permission: {
      access: { verb: 'change', resource: 'fleet' },
      refusal: 'Only an Administrator may decide on uninstalling agents.',
    },
    supersedes: [],
    whenForged: 'release-first',
  },
} as const satisfies Record<Act, ActRules>;

export function rulesOf(act: Act): ActRules {
  return actTable[act];
}

/** Acts that the guard counts. */
export const guardedActs: readonly Act[] = acts.filter((act) => rulesOf(act).guarded !== undefined);

/** Acts that end with an isolation the agent proves, and fail where it cannot prove it. */
export const isolationActs: readonly Act[] = acts.filter((act) => rulesOf(act).endedBy === 'isolation');

/** The acts that a report of this isolation proves done, up to its epoch. */
export function actsDoneBy(isolation: Isolation): Act[] {
  return acts.filter((act) => {
    const { endedBy, doneWhen } = rulesOf(act);
    return endedBy === 'report' || doneWhen === isolation;
  });
}

/** The isolation options that the requester set. */
function stated({ forSeconds, profile, message }: ActOptions, now: number): DesiredChange {
  return {
    ...(forSeconds === undefined ? {} : { desired_deadline: now + forSeconds * 1000 }),
    ...(profile === undefined ? {} : { desired_profile: profile }),
    ...(message === undefined ? {} : { desired_message: message }),
  };
}

function differs(agent: DesiredNow, change: DesiredChange): boolean {
  return (
    (change.desired_deadline !== undefined && change.desired_deadline !== agent.desired_deadline) ||
    (change.desired_profile !== undefined && change.desired_profile !== agent.desired_profile) ||
    (change.desired_message !== undefined && change.desired_message !== agent.desired_message)
  );
}
