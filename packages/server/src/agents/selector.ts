/** Which agents a call selects: the wire's many spellings in one normal form. */
import { formatAddress, parseAddress } from '@cordon/protocol/addresses';
import { Refusal } from '@cordon/protocol/automation';
import type { AgentAct, AgentQuery, AgentQueryV2 } from '@cordon/protocol/automation';
import type { ActSelector } from '@cordon/protocol/console';
import { scopeForm } from '../access/scope.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';

/**
 * All given conditions must match (AND), in the form of the tables. Folders and groups match as they are spelt;
 * everything else matches in any letter case.
 */
export interface Selector {
  readonly entityId?: string;
  readonly ip?: string;
  readonly mac?: string;
  readonly hostName?: string;
  readonly product?: string;
  readonly serverId?: string;
  /** Any of these. */
  readonly entityIds?: readonly string[];
  /** This folder and those below it. */
  readonly folder?: string;
  readonly group?: string;
  /** Each must occur in the host name, the folder or an address. */
  readonly words?: readonly string[];
}

const maxSearchWords = 16;

type Given = string | null | undefined;

interface Raw {
  readonly entityId: Given;
  readonly ip: Given;
  readonly mac: Given;
  readonly hostName: Given;
  readonly product: Given;
  readonly serverId: Given;
}

/** GET ProductAgents. Without any condition it selects every agent. */
export function selectorOfQuery(query: AgentQuery): Selector {
  return selector({
    entityId: query.entity_id,
    ip: query.ip_address,
    mac: query.mac_address,
    hostName: query.host_name,
    product: query.product,
    serverId: query.managing_server_id,
  });
}

/** GET v2 ProductAgents. */
export function selectorOfQueryV2(query: AgentQueryV2): Selector {
  return selector({
    entityId: query.entityID,
    ip: query.ipAddress,
    mac: query.macAddress,
    hostName: query.hostName,
    product: query.product,
    serverId: query.managingServerID,
  });
}

/** POST ProductAgents. An act must name its agents; leaving everything out never selects all of them. */
export function selectorOfAct(act: AgentAct): Selector {
  const selected = selector({
    entityId: act.entity_id,
    ip: act.ip_address,
    mac: act.mac_address,
    hostName: act.host_name,
    product: act.product,
    serverId: undefined,
  });
  if (Object.keys(selected).length > 0) return selected;
  throw new Refusal(
    'parameter-invalid',
    'The request names no agent. Give at least one of entity_id, host_name, ip_address, mac_address and product.',
  );
}

/** POST acts of the console API: it must name agents too. Given but empty is refused: ignoring it would select more. */
export function selectorOfPerson(given: ActSelector): Selector {
  const { entityId, entityIds, hostName, product, ipAddress: ip, macAddress: mac, folder, group, search } = given;
  for (const [field, value] of Object.entries(given)) {
    if ([value].flat().some((text) => text?.trim() === '')) throw emptyField(field);
  }
  const [folderForm] = scopeForm(folder === undefined ? [] : [folder.trim()]);
  if (folderForm === '') throw emptyField('folder');
  const words = search === undefined ? undefined : wordsOf(search);
  const selected = {
    ...selector({ entityId, ip, mac, hostName, product, serverId: undefined }),
    ...(entityIds === undefined ? {} : { entityIds: [...new Set(entityIds.map((id) => id.trim().toLowerCase()))] }),
    ...(folderForm === undefined ? {} : { folder: folderForm }),
    ...(group === undefined ? {} : { group: group.trim() }),
    ...(words === undefined ? {} : { words }),
  };
  if (Object.keys(selected).length > 0) return selected;
  const parts = 'entityId, entityIds, hostName, ipAddress, macAddress, product, folder, group and search';
  throw new ConsoleRefusal(400, 'parameter-invalid', `The request names no agent. Give at least one of ${parts}.`);
}

/** Each costs a look through the list, so there are few of them, and none twice. */
function wordsOf(search: string): readonly string[] {
  const words = [...new Set(search.toLowerCase().split(/\s+/).filter(Boolean))];
  if (words.length <= maxSearchWords) return words;
  const message = `The search has ${words.length} different words; at most ${maxSearchWords} are allowed.`;
  throw new ConsoleRefusal(400, 'parameter-invalid', message);
}

function emptyField(field: string): ConsoleRefusal {
  return new ConsoleRefusal(
    400,
    'parameter-invalid',
    `"${field}" of the selector is empty. Leave it out, or fill it in.`,
  );
}

/** Six hex pairs in any notation, as in the tables: upper case, dashes. Other text is kept, and matches nothing. */
export function macForm(text: string): string {
  const digits = text.replaceAll(/[-:. ]/g, '').toUpperCase();
  return /^[0-9A-F]{12}$/.test(digits) ? (digits.match(/../g) ?? []).join('-') : text.toUpperCase();
}

/** IPv6 in its one canonical spelling, everything else unchanged. */
export function ipForm(text: string): string {
  const bare = text.split('%')[0] ?? text;
  const address = parseAddress(bare);
  return address === undefined ? bare.toLowerCase() : formatAddress(address);
}

function selector(raw: Raw): Selector {
  return {
    ...part('entityId', raw.entityId, (text) => text.toLowerCase()),
    ...part('ip', raw.ip, ipForm),
    ...part('mac', raw.mac, macForm),
    ...part('hostName', raw.hostName, (text) => text.toLowerCase()),
    ...part('product', raw.product, (text) => text),
    ...part('serverId', raw.serverId, (text) => text.toUpperCase()),
  };
}

/** Empty and null count as absent (contract 8, rules 9 and 12). */
function part<Name extends string>(name: Name, given: Given, form: (text: string) => string): { [K in Name]?: string } {
  const text = given?.trim() ?? '';
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a computed key widens to string
  return (text === '' ? {} : { [name]: form(text) }) as { [K in Name]?: string };
}
