/** Listing safety: refuses objects that would hit the fleet, the system or Cordon itself. Pure. */
import { literalNetworks, overlaps, parseAddress, parseNetwork } from '@cordon/protocol/addresses';
import type { Network } from '@cordon/protocol/addresses';
import type { Prevalence, ListingSafetyReason } from '@cordon/protocol/console';
import type { ObjectName } from '@cordon/protocol/channel';

export interface ListingRequest extends ObjectName {
  readonly scanAction: 'log' | 'block' | 'quarantine';
  /** Bytes; null if unknown. */
  readonly size: number | null;
}

/** What is known of the fleet and of this server. */
export interface ListingFacts {
  /** Addresses and names at which agents and people reach Cordon. */
  readonly own: readonly string[];
  /** How common the file is; null if the object is not a file. */
  readonly prevalence: Prevalence | null;
}

const emptySha1 = 'DA39A3EE5E6B4B0D3255BFEF95601890AFD80709';
const loopback = literalNetworks('127.0.0.0/8', '0.0.0.0/8', '::1/128', '::/128');
const inside = literalNetworks(
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '100.64.0.0/10',
  '224.0.0.0/3',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
);
/** The broadest networks that can be listed. */
export const minPrefix = { 4: 8, 6: 16 } as const;
/** Packages that people need to work at an endpoint or to repair it. */
const shells = new Set(
  (
    'bash busybox busybox-static coreutils dash fish glibc glibc-common libc-bin libc6 login mksh musl openssh-server ' +
    'passwd shadow-utils sudo systemd util-linux zsh'
  ).split(' '),
);
/** A file is common when more agents than this hold it, and more than this share of those that know. */
const prevalentAbove = 3;
const prevalentShare = 0.05;

/** Why an object should not be listed, final refusals first. Empty when it is safe. */
export function listingSafetyReasons(object: ListingRequest, facts: ListingFacts): ListingSafetyReason[] {
  const reasons =
    object.type === 'ip'
      ? addressReasons(object, facts)
      : object.type === 'file' || object.type === 'file_sha1'
        ? fileReasons(object, facts.prevalence)
        : nameReasons(object, facts);
  return reasons.toSorted((a, b) => Number(a.mayConfirm) - Number(b.mayConfirm));
}

function fileReasons(
  { content, size, scanAction }: ListingRequest,
  prevalence: Prevalence | null,
): ListingSafetyReason[] {
  if (content === emptySha1 || size === 0) {
    return [refusal('empty-file', 'This is the hash of the empty file, so it would match every empty file.')];
  }
  if (scanAction === 'log' || prevalence === null) return [];
  const { packages, agents, asked } = prevalence;
  const reasons: ListingSafetyReason[] = [];
  const names = packages.map(bareName);
  if (names.some((name) => name.startsWith('cordon'))) {
    reasons.push(refusal('cordon', 'The file belongs to Cordon; blocking it would make endpoints unreachable.'));
  }
  const shown = packages.slice(0, 3).join(', ');
  if (names.some((name) => shells.has(name))) {
    reasons.push(doubt('shell', `The file belongs to ${shown}; endpoints are unusable without it.`));
  } else if (packages.length > 0) {
    reasons.push(doubt('packaged', `The file belongs to an installed package: ${shown}.`));
  }
  if (agents > Math.max(prevalentAbove, asked * prevalentShare)) {
    reasons.push(doubt('prevalent', `${agents} of ${asked} agents that reported on this file have it.`));
  }
  return reasons;
}

function addressReasons({ content, scanAction }: ListingRequest, { own }: ListingFacts): ListingSafetyReason[] {
  const network = parseNetwork(content);
  if (network === undefined) return [];
  const least = minPrefix[network.version];
  if (network.prefix < least) {
    return [
      refusal('broad-network', `${content} covers too many addresses; /${least} is the broadest prefix allowed.`),
    ];
  }
  if (loopback.some((one) => overlaps(one, network))) {
    return [refusal('loopback', `${content} includes loopback addresses, which programs on the endpoint need.`)];
  }
  const ours = own.find((address) => isWithin(address, network));
  if (ours !== undefined) {
    return [refusal('own-server', `${ours} is this server; agents would lose their connection.`)];
  }
  if (scanAction === 'log' || !inside.some((one) => overlaps(one, network))) return [];
  return [doubt('private-address', `${content} is in a private network, which your own machines may use.`)];
}

/** Names are only logged, but every agent would log the server's own names all the time. */
function nameReasons({ type, content }: ListingRequest, { own }: ListingFacts): ListingSafetyReason[] {
  const host = type === 'domain' ? content : hostOf(content);
  const named = own.filter((one) => parseAddress(one) === undefined || type === 'url');
  const ours = named.find((one) => matches(host, one.toLowerCase()));
  return ours === undefined
    ? []
    : [refusal('own-server', `${ours} is this server; every agent connects to it all the time.`)];
}

function matches(pattern: string, name: string): boolean {
  return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : name === pattern;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replaceAll(/^\[|\]$/g, '') : '';
}

/** `dpkg:coreutils` and `rpm:coreutils-9.4-6.x86_64` are both coreutils. */
function bareName(owner: string): string {
  return owner
    .replace(/^[a-z]+:/, '')
    .replace(/-\d.*$/, '')
    .replace(/:.*$/, '')
    .toLowerCase();
}

function isWithin(address: string, network: Network): boolean {
  const one = parseNetwork(address);
  return one !== undefined && overlaps(one, network);
}

function refusal(rule: ListingSafetyReason['rule'], message: string): ListingSafetyReason {
  return { rule, mayConfirm: false, message };
}

function doubt(rule: ListingSafetyReason['rule'], message: string): ListingSafetyReason {
  return { rule, mayConfirm: true, message };
}
