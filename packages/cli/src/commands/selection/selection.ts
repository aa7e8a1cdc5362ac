/** Reads which agents a command line selects. */
import { looksLikeEntityId } from '@cordon/sdk/automation';
import type { ActOutcome } from '@cordon/protocol/console';
import type { AgentQuery, AgentSelector } from '@cordon/sdk';
import type { Invocation, Option } from '../../command/command.ts';
import { usage } from '../../command/failure.ts';

export const selectorOptions: readonly Option[] = [
  ['--host-name <name>', 'Host name.'],
  ['--ip <address>', 'An IP address of the agent.'],
  ['--mac <address>', 'A MAC address of the agent, with dashes or colons.'],
  ['--product <value>', 'Product value, such as SLF_PRODUCT_OFFICESCAN_CE.'],
  ['--entity-id <id>', 'Entity ID.'],
];

/** Only the console API selects by these. */
export const consoleSelectorOptions: readonly Option[] = [
  ['--group <name>', 'The agents of this group (Cordon only).'],
  ['--folder <path>', 'The agents in this folder and below it (Cordon only).'],
];

/** The word before the options is an entity ID if it has the form of one, else a host name. */
export function queryFrom(call: Invocation): AgentSelector {
  const word = call.word('who');
  const named = word === '' ? {} : looksLikeEntityId(word) ? { entityId: word } : { hostName: word };
  const options = { entityId: call.option('entityId'), hostName: call.option('hostName') };
  const twice =
    (options.entityId !== undefined && 'entityId' in named) || (options.hostName !== undefined && 'hostName' in named);
  if (twice) throw usage(`Both "${word}" and an option name the agent.`, 'Give one of the two.');
  return {
    ...options,
    ipAddress: call.option('ip'),
    macAddress: call.option('mac'),
    product: call.option('product'),
    ...named,
  };
}

/** Everything that matches the selector of an action. */
export function allMatches({ affected, leftOut }: ActOutcome): { agent: string; hostName: string }[] {
  return [...affected, ...leftOut];
}

interface Selected extends AgentQuery {
  readonly entityIds?: readonly string[];
  readonly group?: string;
  readonly folder?: string;
}

/** ` with host name "client01" and product "X"`; empty for every agent. */
export function querySummary(query: Selected): string {
  const named: [string, string | undefined][] = [
    ['host name', query.hostName],
    ['entity ID', query.entityId ?? query.entityIds?.join('" or "')],
    ['IP address', query.ipAddress],
    ['MAC address', query.macAddress],
    ['product', query.product],
    ['managing server', query.managingServerId],
    ['group', query.group],
    ['folder', query.folder],
  ];
  const parts = named.filter(([, value]) => value !== undefined).map(([name, value]) => `${name} "${value ?? ''}"`);
  return parts.length === 0 ? '' : ` with ${parts.join(' and ')}`;
}
