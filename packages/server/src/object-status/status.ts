/** An object's status on an agent: from the list, the group's settings and the agent's report. Pure. */
import type { ObjectSettings, ObjectEnforcementStatus } from '@cordon/protocol/channel';
import type { ObjectStatus } from '@cordon/protocol/console';
import type { ObjectRow } from '../suspicious-objects/list.ts';
import { enforcingGroups } from '../suspicious-objects/forms.ts';

export interface AgentObjectState {
  /** Revision of the list that the agent has. */
  readonly revision: number;
  /** What it reported; null before version 3 of the channel. */
  readonly held: ObjectEnforcementStatus | null;
  readonly settings: ObjectSettings;
}

export type ObjectStanding = Pick<ObjectStatus, 'status' | 'message'>;
type Asked = Pick<ObjectRow, 'type' | 'content' | 'scan_action' | 'revision' | 'enforce_in'>;
type Way = {
  readonly mode: ObjectSettings['onAccess'];
  readonly state: ObjectEnforcementStatus['onAccess'];
  readonly what: string;
};

/** The one place that derives this; console, API and CLI use it. */
export function statusOf(object: Asked, agent: AgentObjectState): ObjectStanding {
  if (agent.revision < object.revision) return { status: 'pending', message: null };
  const { held, settings } = agent;
  if (held === null) return not('This agent is of a version that holds the list and does nothing with it.');
  switch (object.type) {
    case 'url':
      return not('A URL is not enforced by this agent: content inside TLS is not inspected.');
    case 'domain':
      return domain(object, held, settings);
    case 'ip':
      return address(object, held, settings);
    case 'file':
    case 'file_sha1':
      return file(object, held, settings);
  }
}

/** The agent itself reports its exempt addresses: only it knows its servers and its own addresses. */
function address(object: Asked, held: ObjectEnforcementStatus, settings: ObjectSettings): ObjectStanding {
  const way = { mode: settings.network, state: held.network, what: 'Blocking addresses' };
  const asked = along(object, settings, way);
  if (asked.status !== 'enforced' && asked.status !== 'logged') return asked;
  const exempt = held.exempt?.objects.find((one) => one.content === object.content);
  if (exempt?.whole === true) return not(`This agent leaves it open: ${exempt.what}.`);
  if (exempt !== undefined) return { ...asked, message: `Within it, this agent leaves open: ${exempt.what}.` };
  const unnamed = held.exempt?.more ?? 0;
  if (unnamed === 0) return asked;
  return {
    ...asked,
    message: `It leaves ${unnamed} more of the list open than it names; this one may be among them.`,
  };
}

/** An address that is only logged is blocked all the same if it lies in a blocked network. */
export function statusWithin(
  asked: ObjectStanding,
  around: { content: string; status: ObjectStanding } | undefined,
): ObjectStanding {
  if (asked.status !== 'logged' || around?.status.status !== 'enforced') return asked;
  const message = `It lies within ${around.content}, which is blocked here; detections name that.`;
  return { status: 'enforced', message };
}

function domain(object: Asked, held: ObjectEnforcementStatus, settings: ObjectSettings): ObjectStanding {
  const seen = settings.network !== 'off' && held.names.state === 'on';
  if (object.scan_action === 'log' && seen) return { status: 'logged', message: null };
  if (held.names.state === 'unable') return not(held.names.message ?? 'A domain is not enforced by this agent.');
  return not(
    seen
      ? 'A domain is not enforced by this agent; a question for it in plain DNS is logged.'
      : 'A domain is not enforced by this agent.',
  );
}

/** On-access enforcement can block a file. A sweep comes later: it can only quarantine one. */
function file(object: Asked, held: ObjectEnforcementStatus, settings: ObjectSettings): ObjectStanding {
  const opening = along(object, settings, { mode: settings.onAccess, state: held.onAccess, what: 'Opening files' });
  if (opening.status === 'enforced' || opening.status === 'pending') return opening;
  const sweep = along(object, settings, { mode: settings.sweep, state: held.sweep, what: 'Sweeping' });
  if (sweep.status === 'not-enforced') return opening;
  if (opening.status === 'logged' && sweep.status !== 'enforced') return opening;
  const late = `Only sweeps detect it: ${opening.message ?? 'opening files is only logged.'}`;
  const canAct = object.scan_action === 'quarantine' && sweep.status === 'enforced';
  return { status: canAct ? 'enforced' : sweep.status === 'pending' ? 'pending' : 'logged', message: late };
}

function along(object: Asked, settings: ObjectSettings, { mode, state, what }: Way): ObjectStanding {
  if (mode === 'off') return not(`${what} is switched off for the group "${settings.group}".`);
  switch (state.state) {
    case 'unable':
      return not(state.message ?? `${what}: this agent is unable to.`);
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
  return logged(groups.length === 0 ? 'Its canary was halted.' : `It is enforced in ${groups.join(', ')} only.`);
}

function not(message: string): ObjectStanding {
  return { status: 'not-enforced', message };
}

function logged(message: string): ObjectStanding {
  return { status: 'logged', message };
}
