/** An object's status on an agent: from the list, the group's settings and the agent's report. Pure. */
import type { ObjectSettings, ObjectEnforcementStatus } from '@cordon/protocol/channel';
import type { ObjectStatus } from '@cordon/protocol/console';
import type { ObjectRow } from '../suspicious-objects/table.ts';
import { enforcingGroups } from '../suspicious-objects/forms.ts';

export interface AgentObjectState {
  /** Revision of the list that the agent has. */
  readonly revision: number;
  /** What it reported; null before version 3 of the channel. */
  readonly reported: ObjectEnforcementStatus | null;
  readonly settings: ObjectSettings;
}

export type DerivedStatus = Pick<ObjectStatus, 'status' | 'message'>;
type ListedRow = Pick<ObjectRow, 'type' | 'content' | 'scan_action' | 'revision' | 'enforce_in'>;
type Way = {
  readonly mode: ObjectSettings['onAccess'];
  readonly state: ObjectEnforcementStatus['onAccess'];
  readonly what: string;
};

/** The one place that derives this; console, API and CLI use it. */
export function statusOf(object: ListedRow, agent: AgentObjectState): DerivedStatus {
  if (agent.revision < object.revision) return { status: 'pending', message: null };
  const { reported, settings } = agent;
  if (reported === null) return not('This agent version does not enforce the list. Update the agent.');
  switch (object.type) {
    case 'url':
      return not('Agents do not enforce URLs: they cannot see inside TLS.');
    case 'domain':
      return domain(object, reported, settings);
    case 'ip':
      return address(object, reported, settings);
    case 'file':
    case 'file_sha1':
      return file(object, reported, settings);
  }
}

/** The agent itself reports its exempt addresses: only it knows its servers and its own addresses. */
function address(object: ListedRow, reported: ObjectEnforcementStatus, settings: ObjectSettings): DerivedStatus {
  const way = { mode: settings.network, state: reported.network, what: 'Address blocking' };
  const derived = along(object, settings, way);
  if (derived.status !== 'enforced' && derived.status !== 'logged') return derived;
  const exempt = reported.exempt?.objects.find((one) => one.content === object.content);
  if (exempt?.whole === true) return not(`This agent exempts it: ${exempt.what}.`);
  if (exempt !== undefined) return { ...derived, message: `This agent exempts part of it: ${exempt.what}.` };
  const unnamed = reported.exempt?.more ?? 0;
  if (unnamed === 0) return derived;
  return {
    ...derived,
    message: `This agent exempts ${unnamed} more entries that it does not name. This may be one of them.`,
  };
}

/** An address that is only logged is blocked all the same if it lies in a blocked network. */
export function statusWithin(
  derived: DerivedStatus,
  around: { content: string; status: DerivedStatus } | undefined,
): DerivedStatus {
  if (derived.status !== 'logged' || around?.status.status !== 'enforced') return derived;
  const message = `It is within ${around.content}, which is blocked. Detections name ${around.content}.`;
  return { status: 'enforced', message };
}

function domain(object: ListedRow, reported: ObjectEnforcementStatus, settings: ObjectSettings): DerivedStatus {
  const seen = settings.network !== 'off' && reported.names.state === 'on';
  if (object.scan_action === 'log' && seen) return { status: 'logged', message: null };
  if (reported.names.state === 'unable') return not(reported.names.message ?? 'This agent does not enforce domains.');
  return not(
    seen
      ? 'This agent does not enforce domains. It logs plain DNS queries for this one.'
      : 'This agent does not enforce domains.',
  );
}

/** On-access enforcement can block a file. A sweep comes later: it can only quarantine one. */
function file(object: ListedRow, reported: ObjectEnforcementStatus, settings: ObjectSettings): DerivedStatus {
  const opening = along(object, settings, {
    mode: settings.onAccess,
    state: reported.onAccess,
    what: 'On-access scanning',
  });
  if (opening.status === 'enforced' || opening.status === 'pending') return opening;
  const sweep = along(object, settings, { mode: settings.sweep, state: reported.sweep, what: 'Disk scanning' });
  if (sweep.status === 'not-enforced') return opening;
  if (opening.status === 'logged' && sweep.status !== 'enforced') return opening;
  const late = `Only disk scans detect it: ${opening.message ?? 'on-access scanning only logs it.'}`;
  const canAct = object.scan_action === 'quarantine' && sweep.status === 'enforced';
  return { status: canAct ? 'enforced' : sweep.status === 'pending' ? 'pending' : 'logged', message: late };
}

function along(object: ListedRow, settings: ObjectSettings, { mode, state, what }: Way): DerivedStatus {
  if (mode === 'off') return not(`${what} is disabled for the group "${settings.group}".`);
  switch (state.state) {
    case 'unable':
      return not(state.message ?? `${what} is not available on this agent.`);
    case 'off':
    case 'starting':
      return { status: 'pending', message: state.message };
    case 'on':
      break;
  }
  if (object.scan_action === 'log') return { status: 'logged', message: null };
  if (mode === 'log') return logged(`The group "${settings.group}" only logs.`);
  const groups = enforcingGroups(object);
  if (groups === null || groups.includes(settings.group)) return { status: 'enforced', message: state.message };
  return logged(groups.length === 0 ? 'Its canary was halted.' : `It is enforced only in ${groups.join(', ')}.`);
}

function not(message: string): DerivedStatus {
  return { status: 'not-enforced', message };
}

function logged(message: string): DerivedStatus {
  return { status: 'logged', message };
}
