/** Enforces a policy with nf_tables, through one netlink socket that it keeps for as long as it lives. */
import type { Proof } from '@cordon/protocol/channel';
import { systemCalls } from '../kernel/calls.ts';
import type { Calls } from '../kernel/calls.ts';
import { needsDhcp } from '../kernel/addresses.ts';
import { networkDevices } from '../kernel/links.ts';
import { KernelRefusal, NetlinkSocket, netlinkFamily } from '../kernel/socket.ts';
import type { Family, Table } from '../kernel/tables.ts';
import { canonicalText, digestOf } from './canonical.ts';
import { encodeReplacement } from './encode.ts';
import type { Enforcement, Verification } from './enforcement.ts';
import { tryFeatures } from './features.ts';
import type { Policy } from './policy.ts';
import { ownAddresses, probe } from './probe.ts';
import type { Probe } from './probe.ts';
import { readBack, readBatch } from './readback.ts';
import type { Held } from './readback.ts';
import { rulesetFor } from './ruleset.ts';
import type { Features, Machine } from './ruleset.ts';

interface Prepared {
  readonly machine: Machine;
  readonly text: string;
  readonly tables: readonly Table[];
  readonly batch: Buffer;
}

const policiesKept = 4;

export class Netfilter implements Enforcement {
  readonly unable = undefined;
  readonly features: Features;
  readonly #calls: Calls;
  readonly #filter: NetlinkSocket;
  readonly #route: NetlinkSocket;
  /** By policy: the one in force, and the one that may be ordered next. */
  readonly #prepared = new Map<string, Prepared>();
  /** Canonical text of what we put into force last; undefined when we do not know. */
  #inForce: string | undefined;

  /** `at most` lets tests and the bench hold the kernel to less than it can do. */
  constructor(calls: Calls, atMost?: Partial<Features>) {
    this.#calls = calls;
    this.#filter = new NetlinkSocket(calls, netlinkFamily.netfilter);
    this.#route = new NetlinkSocket(calls, netlinkFamily.route);
    this.features = { ...tryFeatures(this.#filter, networkDevices(this.#route)), ...atMost };
  }

  prepare(policy: Policy): void {
    const { batch, tables, text } = this.#renewed(policy);
    // A codec that contradicts itself is found before an order comes; and code that has run is quick when one does.
    if (canonicalText(readBatch(batch, tables)) !== text) throw new Error('The rules would not read back as written.');
    probe(this.#calls, [], ownAddresses);
  }

  apply(policy: Policy): void {
    const prepared = this.#prepared.get(keyOf(policy)) ?? this.#renewed(policy);
    const wanted = prepared.text;
    // What we remember must also be what is there: anybody may have changed a plain table, or removed it.
    // A host that was never isolated is looked at first, too, so that it sees no transaction of ours at all.
    const perhapsThere = this.#inForce === wanted || (this.#inForce === undefined && policy.isolation === 'normal');
    if (perhapsThere && canonicalText(readBack(this.#filter).tables) === wanted) return;
    this.#inForce = undefined;
    const doing = policy.isolation === 'normal' ? 'Removing the isolation' : 'Isolating this endpoint';
    const error = this.#filter.transact(prepared.batch)[0];
    if (error) throw new KernelRefusal(doing, error);
    this.#inForce = wanted;
  }

  verify(policy: Policy): Verification {
    const before = this.#prepared.get(keyOf(policy));
    const wanted = this.#renewed(policy);
    const changed = before !== undefined && before !== wanted;
    const held = readBack(this.#filter);
    const probes = policy.isolation === 'normal' ? [] : probe(this.#calls, wanted.machine.devices);
    const proof = this.#proofOf(held, probes);
    const different = differenceOf(held.tables, wanted.text);
    const problem =
      (different !== undefined && changed ? newSurroundings : different) ??
      (policy.isolation === 'normal' ? undefined : leakOf(probes));
    if (problem === undefined) return { proven: true, proof, shortfall: this.#shortfall(policy) };
    this.#inForce = undefined;
    return { proven: false, problem, proof };
  }

  close(): void {
    this.#filter.close();
    this.#route.close();
  }

  /** As prepared before if it still fits this machine: a device that appeared since needs chains of its own. */
  #renewed(policy: Policy): Prepared {
    const key = keyOf(policy);
    const machine = this.#machineFor(policy);
    const before = this.#prepared.get(key);
    if (before && JSON.stringify(before.machine) === JSON.stringify(machine)) return before;
    const tables = rulesetFor(policy, machine);
    const batch = encodeReplacement(tables, this.#families());
    if (!before && this.#prepared.size >= policiesKept) this.#prepared.clear();
    const prepared = { machine, text: canonicalText(tables), tables, batch };
    this.#prepared.set(key, prepared);
    return prepared;
  }

  /** What the rules depend on. It may change under us, so it is looked at again each time. */
  #machineFor(policy: Policy): Machine {
    const { features } = this;
    if (policy.isolation === 'normal') return { devices: [], dhcp: false, features };
    const holes = policy.holes.filter((hole) => hole.version === 'v4');
    const dhcp = holes.some((hole) => needsDhcp(this.#route, hole.address));
    return { devices: networkDevices(this.#route), dhcp, features };
  }

  /** The families in which a table of ours may be: never one that this kernel does not know. */
  #families(): Family[] {
    const { netdev, bridge } = this.features;
    return ['inet', ...(netdev ? (['netdev'] as const) : []), ...(bridge ? (['bridge'] as const) : [])];
  }

  #proofOf(held: Held, probes: readonly Probe[]): Proof {
    const chains = held.tables.flatMap((table) => table.chains);
    const owned = held.tables.every((table) => table.flags.includes('owner') && table.flags.includes('persist'));
    return {
      digest: digestOf(held.tables),
      level: owned && this.features.persist ? 'owner-persist' : 'plain',
      chains: chains.length,
      rules: chains.reduce((sum, chain) => sum + chain.rules.length, 0),
      packetsAccepted: held.packetsAccepted,
      packetsDropped: held.packetsDropped,
      probes: [...probes],
    };
  }

  #shortfall(policy: Policy): string | undefined {
    if (policy.isolation === 'normal' || (this.features.netdev && this.features.bridge)) return undefined;
    const missing = [this.features.netdev ? '' : 'netdev egress', this.features.bridge ? '' : 'bridge'].filter(Boolean);
    return `Isolated, but this kernel lacks nf_tables ${missing.join(' and ')}: raw sockets of root or bridged machines are not covered.`;
  }
}

/** nf_tables on this machine, or the reason why it cannot be used. */
export function openNetfilter(): Netfilter | Error {
  const calls = systemCalls();
  if (calls instanceof Error) return calls;
  if (process.getuid?.() !== 0) return new Error('Isolation needs root; the enforcer runs as another user.');
  try {
    return new Netfilter(calls);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

const newSurroundings =
  'The network devices or addresses of this endpoint have changed, and the rules did not fit them any more.';

function keyOf(policy: Policy): string {
  return JSON.stringify(policy);
}

function differenceOf(held: readonly Table[], wanted: string): string | undefined {
  if (canonicalText(held) === wanted) return undefined;
  if (wanted === '') return `${held.length} tables of the isolation are still in the kernel.`;
  if (held.length === 0) return 'The tables of the isolation are not in the kernel.';
  return 'The rules in the kernel are not the rules of the isolation; somebody changed them.';
}

function leakOf(probes: readonly Probe[]): string | undefined {
  const sent = probes.find((one) => one.outcome === 'sent');
  if (sent) return `The rules are in place, but the kernel still let a packet out (${sent.probe}).`;
  if (probes.some((one) => one.outcome === 'refused')) return undefined;
  return 'The rules are in place, but no probe could be sent: this endpoint has no network to try.';
}
