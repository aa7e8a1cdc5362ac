/** An nf_tables table as Cordon sees it: plain data, and the kernel's numbers for its words. */

/** One step of a rule. All steps share register 1. Values are bytes as they are in the packet, in hex. */
export type Expression =
  | { readonly kind: 'meta'; readonly key: MetaKey }
  | { readonly kind: 'payload'; readonly base: PayloadBase; readonly offset: number; readonly length: number }
  | { readonly kind: 'mask'; readonly mask: string }
  | { readonly kind: 'compare'; readonly is: Comparison; readonly value: string }
  | { readonly kind: 'counter' }
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | { readonly kind: 'reject'; readonly with: RejectWith }
  /** Continues if the register is in this set of the same table. */
  | { readonly kind: 'lookup'; readonly set: string }
  /** Continues at most this many times a second. */
  | { readonly kind: 'limit'; readonly perSecond: number; readonly burst: number }
  /** Copies the first bytes of the packet to the listener of this group (nflog.ts). */
  | { readonly kind: 'log'; readonly group: number; readonly bytes: number; readonly prefix: string }
  /** Read from the kernel, and not ours. */
  | { readonly kind: 'foreign'; readonly name: string; readonly data: string };

/** Larger and smaller in network byte order. */
export type Comparison = 'equal' | 'different' | 'at-most' | 'at-least';
export type Rule = readonly Expression[];
type MetaKey = keyof typeof metaKeys;
type PayloadBase = keyof typeof payloadBases;
export type Verdict = keyof typeof verdictCodes;
export type RejectWith = 'tcp-reset' | 'admin-prohibited';
export type Family = keyof typeof families;
export type TableFlag = keyof typeof tableFlags;

export interface Chain {
  readonly name: string;
  readonly type: string;
  /** `input`; a chain without a hook is called from elsewhere and has ''. */
  readonly hook: string;
  readonly priority: number;
  readonly policy: Verdict;
  /** Network devices of a netdev chain, sorted. */
  readonly devices: readonly string[];
  readonly rules: readonly Rule[];
}

/** From the first to the last address, both included; 4 or 16 bytes each, in hex. */
export interface AddressRange {
  readonly first: string;
  readonly last: string;
}

/** A named set of addresses. Its ranges are sorted, and neither overlap nor touch each other. */
export interface AddressSet {
  readonly name: string;
  readonly version: 'v4' | 'v6';
  readonly ranges: readonly AddressRange[];
}

export interface Table {
  readonly family: Family;
  readonly name: string;
  readonly flags: readonly TableFlag[];
  readonly sets?: readonly AddressSet[];
  readonly chains: readonly Chain[];
}

export const families = { inet: 1, netdev: 5, bridge: 7 } as const;
export const tableFlags = { dormant: 1, owner: 2, persist: 4 } as const;
export const metaKeys = { protocol: 1, iif: 4, oif: 5, nfproto: 15, l4proto: 16 } as const;
export const payloadBases = { network: 1, transport: 2 } as const;
export const verdictCodes = { drop: 0, accept: 1 } as const;
export const hooks: { readonly [F in Family]: readonly string[] } = {
  inet: ['prerouting', 'input', 'forward', 'output', 'postrouting', 'ingress'],
  netdev: ['ingress', 'egress'],
  bridge: ['prerouting', 'input', 'forward', 'output', 'postrouting'],
};

/** The word for a number of one of the tables above. */
export function wordFor<T extends Readonly<Record<string, number>>>(
  table: T,
  value: number | undefined,
): Extract<keyof T, string> | undefined {
  for (const word in table) if (table[word] === value) return word;
  return undefined;
}
