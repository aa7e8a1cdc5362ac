/** The acts: what each changes, when the guard asks, what proves it done. One entry an act. */
import { acts } from '@cordon/protocol/automation';
import type { Act, Isolation } from '@cordon/protocol/automation';
import type { Access } from '../access/permissions.ts';
import type { DesiredChange } from '../desired-state/desired-states.ts';

/** What the requester may state, with times relative to the moment an act is performed: an approval may come hours later. */
export interface ActOptions {
  readonly serverId?: string;
  readonly folder?: string;
  readonly forSeconds?: number;
  readonly profile?: string;
  readonly message?: string;
}

/** The desired state of an agent, as far as an act is compared with it. */
export interface DesiredNow {
  readonly desired_installed: 0 | 1;
  readonly desired_isolation: 'normal' | 'isolated';
  readonly desired_deadline: number | null;
  readonly desired_profile: string | null;
  readonly desired_message: string | null;
}

export interface ActRules {
  /** The columns that it sets in each desired state. */
  readonly columns: (
    options: ActOptions,
    occasion: { readonly now: number; readonly approvals: number },
  ) => DesiredChange;
  /** Whether an agent's desired state is another one. */
  readonly changes: (agent: DesiredNow, options: ActOptions, now: number) => boolean;
  /** The isolation that proves it done; undefined where a report of the epoch, or a farewell, does. */
  readonly doneWhen: Isolation | undefined;
  /** What ends it beside `doneWhen`: any report of its epoch, or only the agent's farewell. */
  readonly endedBy: 'isolation' | 'report' | 'farewell';
  /** Whether a change newly cuts an endpoint off, or takes its agent away: only that is a matter of the guard. */
  readonly guarded: ((agent: DesiredNow) => boolean) | undefined;
  /** What deciding on it takes beyond approving; undefined for nothing. */
  readonly permission: { readonly access: Access; readonly refusal: string } | undefined;
  /** The acts that it replaces: the newer desired state is what counts. */
  readonly supersedes: readonly Act[];
  /**
   * What it does to a desired state that somebody else has written. One that states the isolation replaces it whole;
   * one that does not must not make the rest of it Cordon's own, and passes it over or releases first.
   */
  readonly whenForged: 'replace' | 'release-first' | 'pass-over';
}

const noOptions = { desired_deadline: null, desired_profile: null, desired_message: null };

export const actTable = {
  isolate: {
    // A new isolation begins without the options of an older one.
    columns: (options, { now, approvals }) => ({
      desired_isolation: 'isolated',
      desired_approvals: approvals,
      ...noOptions,
      ...stated(options, now),
    }),
    // What it does not state leaves a present isolation as it is.
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

/** Acts that end by the isolation that an agent proves, and fail where it cannot. */
export const isolationActs: readonly Act[] = acts.filter((act) => rulesOf(act).endedBy === 'isolation');

/** The acts that a report of this isolation shows done, up to its epoch. */
export function actsDoneBy(isolation: Isolation): Act[] {
  return acts.filter((act) => {
    const { endedBy, doneWhen } = rulesOf(act);
    return endedBy === 'report' || doneWhen === isolation;
  });
}

/** The options of an isolation that its requester stated. */
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
