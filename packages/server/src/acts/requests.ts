/** Acts as they are asked for, parsed: from the Automation API, and from people. */
import { Refusal, actFromName } from '@cordon/protocol/automation';
import type { Act, AgentAct } from '@cordon/protocol/automation';
import type { ActRequest } from '@cordon/protocol/console';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import type { Terms } from './decide.ts';
import type { DesiredChange } from '../desired-state/desired-states.ts';
import { selectorOfAct, selectorOfPerson } from '../agents/selector.ts';
import type { Selector } from '../agents/selector.ts';

/** What an act changes, with times relative to the moment it is performed: an approval may come hours later. */
export interface Change {
  readonly serverId?: string;
  readonly folder?: string;
  readonly forSeconds?: number;
  readonly profile?: string;
  readonly message?: string;
}

export interface Asked {
  readonly act: Act;
  readonly selector: Selector;
  readonly allowMultiple: boolean;
  readonly change: Change;
  /** Why, in the asker's words. */
  readonly reason: string;
}

/** What must exist for an act to make sense. */
export interface Known {
  readonly serverExists: (id: string) => boolean;
  readonly profileExists: (name: string) => boolean;
}

/** POST ProductAgents. */
export function askedByApplication(body: AgentAct, known: Known): Asked {
  const act = actFromName(body.act);
  if (act === undefined) {
    throw new Refusal(
      'action-invalid',
      `"${body.act}" is no act. Use cmd_isolate_agent, cmd_restore_isolated_agent, cmd_relocate_agent or cmd_uninstall_agent.`,
    );
  }
  const allowMultiple = String(body.allow_multiple_match).toLowerCase() === 'true';
  const change = act === 'relocate' ? relocation(body, known) : {};
  return { act, allowMultiple, selector: selectorOfAct(body), change, reason: '' };
}

/** POST acts of the console API. */
export function askedByPerson(body: ActRequest, known: Known): Asked {
  const { act, forSeconds, profile, message } = body;
  if (act !== 'isolate' && (forSeconds ?? profile ?? message) !== undefined) {
    throw new ConsoleRefusal(400, 'parameter-invalid', 'forSeconds, profile and message belong to isolate only.');
  }
  if (profile !== undefined && !known.profileExists(profile)) {
    throw new ConsoleRefusal(
      400,
      'profile-unknown',
      `There is no profile "${profile}". GET /api/v1/profiles lists them.`,
    );
  }
  return {
    act,
    selector: selectorOfPerson(body.selector),
    allowMultiple: body.allowMultiple === true,
    change: {
      ...(forSeconds === undefined ? {} : { forSeconds }),
      ...(profile === undefined ? {} : { profile }),
      ...(message === undefined ? {} : { message }),
    },
    reason: body.reason ?? '',
  };
}

/** The terms that an isolation states; what it leaves out stays as it is. */
export function termsOf(change: Change, now: number): Terms {
  return {
    ...(change.forSeconds === undefined ? {} : { desired_deadline: now + change.forSeconds * 1000 }),
    ...(change.profile === undefined ? {} : { desired_profile: change.profile }),
    ...(change.message === undefined ? {} : { desired_message: change.message }),
  };
}

/** The columns that an act sets on each wish. A new isolation begins without the terms of an older one. */
export function columnsOf(asked: Pick<Asked, 'act' | 'change'>, approvals: number, now: number): DesiredChange {
  const none = { desired_deadline: null, desired_profile: null, desired_message: null };
  switch (asked.act) {
    case 'isolate':
      return { desired_isolation: 'isolated', desired_approvals: approvals, ...none, ...termsOf(asked.change, now) };
    case 'release':
      return { desired_isolation: 'normal', desired_approvals: 1, ...none };
    case 'uninstall':
      return { desired_installed: 0 };
    case 'relocate': {
      const { serverId, folder } = asked.change;
      return {
        ...(serverId === undefined ? {} : { server_id: serverId }),
        ...(folder === undefined ? {} : { folder }),
      };
    }
  }
}

function relocation(body: AgentAct, known: Known): Change {
  const serverId = (body.relocate_to_server_id ?? '').trim().toUpperCase();
  const folder = (body.relocate_to_folder_path ?? '').trim().replaceAll(/^\\+|\\+$/g, '');
  if (serverId === '' && folder === '') {
    throw new Refusal('parameter-invalid', 'Relocating needs relocate_to_server_id, relocate_to_folder_path, or both.');
  }
  if (serverId !== '' && !known.serverExists(serverId)) {
    throw new Refusal(
      'server-unknown',
      `No managing server has the ID ${serverId}. GET ProductServers lists those that there are.`,
    );
  }
  return { ...(serverId === '' ? {} : { serverId }), ...(folder === '' ? {} : { folder }) };
}
