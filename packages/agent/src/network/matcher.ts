/** Tells which listed object an address or a name is: the longest prefix, the most names in common. */
import type { HeldObject } from '@cordon/protocol/channel';
import type { Entries, ListedName, ListedNetwork } from './entries.ts';
import { bitsOf } from './spans.ts';
import type { Version } from './spans.ts';

/** The same host may be in many URLs; one question is told of so many of them. */
const mostObjectsOfName = 4;

export class Matcher {
  /** By action, version, prefix and first address. */
  readonly #networks = new Map<string, HeldObject>();
  /** By action and version: the prefixes that there are, longest first. */
  readonly #prefixes = new Map<string, number[]>();
  readonly #names = new Map<string, ListedName[]>();

  constructor({ networks, names }: Pick<Entries, 'networks' | 'names'>) {
    for (const one of networks) this.#addNetwork(one);
    for (const prefixes of this.#prefixes.values()) prefixes.sort((a, b) => b - a);
    for (const one of names) this.#names.set(one.name, [...(this.#names.get(one.name) ?? []), one]);
  }

  /** `hex` has 4 or 16 bytes. */
  address(hex: string, action: 'block' | 'log'): HeldObject | undefined {
    const version: Version = hex.length === 8 ? 'v4' : 'v6';
    const address = BigInt(`0x${hex}`);
    for (const prefix of this.#prefixes.get(`${action} ${version}`) ?? []) {
      const host = BigInt(bitsOf[version] - prefix);
      const found = this.#networks.get(`${action} ${version} ${prefix} ${(address >> host) << host}`);
      if (found) return found;
    }
    return undefined;
  }

  /** The domain that the name is, or is below of, and URLs of this very host. */
  name(name: string): HeldObject[] {
    const labels = name.split('.');
    const domains: HeldObject[] = [];
    const urls: HeldObject[] = [];
    for (let at = 0; at < labels.length; at += 1) {
      const wanted = at === 0 ? 'itself' : 'below';
      for (const { object, matches } of this.#names.get(labels.slice(at).join('.')) ?? []) {
        if (matches !== wanted && matches !== 'both') continue;
        (object.type === 'url' ? urls : domains).push(object);
      }
    }
    return [...domains.slice(0, 1), ...urls].slice(0, mostObjectsOfName);
  }

  #addNetwork({ object, network, action }: ListedNetwork): void {
    const { version, prefix, first } = network;
    const kind = `${action} ${version}`;
    const prefixes = this.#prefixes.get(kind) ?? [];
    if (!prefixes.includes(prefix)) this.#prefixes.set(kind, [...prefixes, prefix]);
    this.#networks.set(`${kind} ${prefix} ${first}`, object);
  }
}
