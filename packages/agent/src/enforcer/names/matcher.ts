/** Finds which listed object an address or a name matches: the longest prefix, the most labels in common. */
import type { ObjectEntry } from '@cordon/protocol/channel';
import type { Entries, ListedName, ListedNetwork } from '../address-blocking/entries.ts';
import { bitsOf } from '../address-blocking/spans.ts';
import type { IpVersion } from '../address-blocking/spans.ts';

/** The same host may be in many URLs; one question is reported for at most this many. */
const maxObjectsOfName = 4;

export class Matcher {
  /** By action, version, prefix and first address. */
  readonly #networks = new Map<string, ObjectEntry>();
  /** By action and version: the prefixes that exist, longest first. */
  readonly #prefixes = new Map<string, number[]>();
  /** Few for one name: the domain, and everything below it. */
  readonly #domains = new Map<string, ListedName[]>();
  /** By host; no more of them than are ever reported. */
  readonly #urls = new Map<string, ObjectEntry[]>();

  constructor({ networks, names }: Pick<Entries, 'networks' | 'names'>) {
    for (const one of networks) this.#addNetwork(one);
    for (const prefixes of this.#prefixes.values()) prefixes.sort((a, b) => b - a);
    for (const one of names) this.#addName(one);
  }

  /** `hex` has 4 or 16 bytes. */
  address(hex: string, action: 'block' | 'log'): ObjectEntry | undefined {
    const version: IpVersion = hex.length === 8 ? 'v4' : 'v6';
    const address = BigInt(`0x${hex}`);
    for (const prefix of this.#prefixes.get(`${action} ${version}`) ?? []) {
      const host = BigInt(bitsOf[version] - prefix);
      const found = this.#networks.get(`${action} ${version} ${prefix} ${(address >> host) << host}`);
      if (found) return found;
    }
    return undefined;
  }

  /** The domain that the name equals or is below, and URLs of this very host. */
  name(name: string): ObjectEntry[] {
    const urls = this.#urls.get(name) ?? [];
    const domain = this.#domainOf(name);
    return domain ? [domain, ...urls].slice(0, maxObjectsOfName) : [...urls];
  }

  #domainOf(name: string): ObjectEntry | undefined {
    const labels = name.split('.');
    for (let at = 0; at < labels.length; at += 1) {
      const desired = at === 0 ? 'itself' : 'below';
      const found = this.#domains
        .get(labels.slice(at).join('.'))
        ?.find(({ matches }) => matches === desired || matches === 'both');
      if (found) return found.object;
    }
    return undefined;
  }

  #addName(one: ListedName): void {
    if (one.object.type !== 'url') return pushTo(this.#domains, one.name, one);
    if ((this.#urls.get(one.name)?.length ?? 0) < maxObjectsOfName) pushTo(this.#urls, one.name, one.object);
  }

  #addNetwork({ object, network, action }: ListedNetwork): void {
    const { version, prefix, first } = network;
    const kind = `${action} ${version}`;
    const prefixes = this.#prefixes.get(kind) ?? [];
    if (!prefixes.includes(prefix)) this.#prefixes.set(kind, [...prefixes, prefix]);
    this.#networks.set(`${kind} ${prefix} ${first}`, object);
  }
}

/** In place: the list may be long, and is rebuilt at each change. */
function pushTo<T>(map: Map<string, T[]>, key: string, one: T): void {
  const known = map.get(key);
  if (known) known.push(one);
  else map.set(key, [one]);
}
