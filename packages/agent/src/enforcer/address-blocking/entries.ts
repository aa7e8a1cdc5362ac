/** Turns listed addresses and names into what this agent enforces now, and how. */
import type { ObjectEntry, ObjectSettings } from '@cordon/protocol/channel';
import type { AddressSet } from '../../kernel/nftables/tables.ts';
import { effectiveAction, isExpired } from '../../matching/effective-action.ts';
import { exemptSpans, exemptText } from './exempt-addresses.ts';
import type { ExemptAddress } from './exempt-addresses.ts';
import { leftOpenFrom } from './left-open.ts';
import type { LeftOpen } from './left-open.ts';
import { covers, joined, networkIn, rangesOf, without } from './spans.ts';
import type { Network, Span, IpVersion } from './spans.ts';

export interface ListedNetwork {
  readonly object: ObjectEntry;
  readonly network: Network;
  readonly action: 'block' | 'log';
}

export interface ListedName {
  readonly object: ObjectEntry;
  /** Lower case, without a trailing dot. */
  readonly name: string;
  /** Only `below`: `*.bad.example` does not include `bad.example`. A URL stands for exactly its host. */
  readonly matches: 'itself' | 'below' | 'both';
}

export interface Entries {
  /** block4, block6, log4 and log6. A blocked address is not logged as well. */
  readonly sets: readonly AddressSet[];
  readonly networks: readonly ListedNetwork[];
  readonly names: readonly ListedName[];
  /** What the exempt addresses took out, as text. */
  readonly exempt: readonly string[];
  /** The listed addresses that stay open for them, wholly or partly. */
  readonly leftOpen: LeftOpen;
  /** Listed, but beyond what this agent accepts or understands. */
  readonly leftOut: number;
  /** When the next of them expires. */
  readonly nextExpiry: number | undefined;
}

export type NetworkSettings = Pick<ObjectSettings, 'group' | 'network'>;

/** This many fit in one transaction, and in one dump, with room to spare. */
const maxNetworks = 50_000;
const maxNames = 100_000;
/** Parsing addresses is the largest cost here, and objects stay the same between changes. */
const networksRead = new WeakMap<ObjectEntry, Network | null>();

/** Pure, apart from a cache of parsed objects. */
export function entriesFrom(
  objects: readonly ObjectEntry[],
  { settings, now, kept }: { settings: NetworkSettings; now: number; kept: readonly ExemptAddress[] },
): Entries {
  const ours = settings.network === 'off' ? [] : objects.filter((one) => isOurs(one));
  const live = ours.filter((object) => !isExpired(object, now));
  const networks = live.flatMap((object) => listedNetwork(object, settings)).slice(0, maxNetworks);
  const names = live.flatMap((object) => listedName(object)).slice(0, maxNames);
  const sets = (['v4', 'v6'] as const).map((version) => spansFor(version, networks, kept));
  return {
    sets: [...sets.map((one) => one.block), ...sets.map((one) => one.log)],
    networks,
    names,
    exempt: sets.flatMap((one) => one.exempt),
    leftOpen: leftOpenFrom(networks, kept),
    leftOut: live.length - networks.length - names.length,
    nextExpiry: live.reduce<number | undefined>(soonest, undefined),
  };
}

function isOurs({ type }: ObjectEntry): boolean {
  return type === 'ip' || type === 'domain' || type === 'url';
}

function listedNetwork(object: ObjectEntry, settings: NetworkSettings): ListedNetwork[] {
  if (object.type !== 'ip') return [];
  let network = networksRead.get(object);
  if (network === undefined) networksRead.set(object, (network = networkIn(object.content) ?? null));
  return network ? [{ object, network, action: actionOf(object, settings) }] : [];
}

/** An address cannot be quarantined, so it is blocked instead. */
function actionOf(object: ObjectEntry, { network, group }: NetworkSettings): 'block' | 'log' {
  return effectiveAction(object, { group, mode: network }) === 'log' ? 'log' : 'block';
}

function listedName(object: ObjectEntry): ListedName[] {
  if (object.type === 'ip') return [];
  if (object.type === 'url') return hostOf(object.content).map((name) => ({ object, name, matches: 'itself' }));
  const name = object.content.toLowerCase().replace(/\.$/, '');
  return [
    name.startsWith('*.') ? { object, name: name.slice(2), matches: 'below' } : { object, name, matches: 'both' },
  ];
}

/** A host that is an address is never looked up in DNS. */
function hostOf(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const host = new URL(url).hostname.toLowerCase().replace(/\.$/, '');
  return host === '' || networkIn(host.replaceAll(/[[\]]/g, '')) ? [] : [host];
}

function spansFor(
  version: IpVersion,
  networks: readonly ListedNetwork[],
  kept: readonly ExemptAddress[],
): { block: AddressSet; log: AddressSet; exempt: string[] } {
  const spansOf = (action: 'block' | 'log'): Span[] =>
    joined(
      networks.filter((one) => one.action === action && one.network.version === version).map((one) => one.network),
    );
  const [blocked, logged, holes] = [spansOf('block'), spansOf('log'), exemptSpans(kept, version)];
  const set = (name: string, spans: readonly Span[]): AddressSet => ({
    name: `${name}${version.slice(1)}`,
    version,
    ranges: rangesOf(spans, version),
  });
  const exempt = kept.filter(({ network }) => network.version === version && covers(blocked, network.first));
  return {
    block: set('block', without(blocked, holes)),
    log: set('log', without(without(logged, holes), blocked)),
    exempt: exempt.map((one) => exemptText(one)),
  };
}

function soonest(until: number | undefined, { expiresAt }: ObjectEntry): number | undefined {
  return expiresAt === null ? until : Math.min(until ?? expiresAt, expiresAt);
}
