/** Parses requests for acts, from applications and from accounts. */
import { Refusal, actFromName, actNames, acts } from '@cordon/protocol/automation';
import type { Act, AgentAct } from '@cordon/protocol/automation';
import type { ActRequest } from '@cordon/protocol/console';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import type { ActOptions } from '../act-table/act-table.ts';
import { selectorOfAct, selectorOfPerson } from '../agents/selector.ts';
import type { Selector } from '../agents/selector.ts';

/** One parsed act. */
export interface ActCommand {
  readonly act: Act;
  readonly selector: Selector;
  readonly allowMultiple: boolean;
  readonly options: ActOptions;
  /** The requester's reason, as written. */
  readonly reason: string;
}

/** What an act refers to and must exist. */
export interface Known {
  readonly serverExists: (id: string) => boolean;
  readonly profileExists: (name: string) => boolean;
}

const spelt = acts.map((act) => actNames[act]);

/** POST ProductAgents. */
export function commandOfApplication(body: AgentAct, known: Known): ActCommand {
  const act = actFromName(body.act);
  if (act === undefined) {
    throw new Refusal(
      'action-invalid',
      `"${body.act}" is not an act. Use ${spelt.slice(0, -1).join(', ')} or ${spelt.at(-1)}.`,
    );
  }
  const allowMultiple = String(body.allow_multiple_match).toLowerCase() === 'true';
  const options = act === 'relocate' ? relocation(body, known) : {};
  return { act, allowMultiple, selector: selectorOfAct(body), options, reason: '' };
}

/** POST acts of the console API. */
export function commandOfPerson(body: ActRequest, known: Known): ActCommand {
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
    options: {
      ...(forSeconds === undefined ? {} : { forSeconds }),
      ...(profile === undefined ? {} : { profile }),
      ...(message === undefined ? {} : { message }),
    },
    reason: body.reason ?? '',
  };
}

function relocation(body: AgentAct, known: Known): ActOptions {
  const serverId = (body.relocate_to_server_id ?? '').trim().toUpperCase();
  const folder = (body.relocate_to_folder_path ?? '').trim().replaceAll(/^\\+|\\+$/g, '');
  if (serverId === '' && folder === '') {
    throw new Refusal('parameter-invalid', 'Relocating needs relocate_to_server_id, relocate_to_folder_path, or both.');
  }
  if (serverId !== '' && !known.serverExists(serverId)) {
    throw new Refusal(
      'server-unknown',
      `No managing server has the ID ${serverId}. GET ProductServers lists all of them.`,
    );
  }
  return { ...(serverId === '' ? {} : { serverId }), ...(folder === '' ? {} : { folder }) };
}
