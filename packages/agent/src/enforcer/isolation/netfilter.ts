/** Enforces a policy with nf_tables, through netlink sockets that it keeps for as long as it lives. */
import type { Proof } from '@cordon/protocol/channel';
import { systemCalls } from '../../kernel/calls.ts';
import type { Calls } from '../../kernel/calls.ts';
import { needsDhcp } from '../../kernel/netlink/addresses.ts';
import { devices, networkDevices } from '../../kernel/netlink/links.ts';
import { routeTo } from '../../kernel/netlink/routes.ts';
import { KernelRefusal, NetlinkSocket, netlinkFamily } from '../../kernel/netlink/socket.ts';
import type { Family, Table } from '../../kernel/nftables/tables.ts';
import { ChangeListener } from '../../kernel/netlink/change-listener.ts';
import { bypassOf } from './bypass.ts';
import { canonicalText, digestOf } from '../../kernel/nftables/canonical.ts';
import { encodeReplacement } from '../../kernel/nftables/encode-replacement.ts';
import type { Enforcement, Verification } from './enforcement.ts';
import { tryFeatures } from './features.ts';
import type { Opening } from './opening.ts';
import type { Isolated, Policy } from './policy.ts';
import { probe, rehearseProbe } from './probe.ts';
import type { Probe } from './probe.ts';
import { newSurroundings, differenceOf, leakOf, shortfallOf } from './problems.ts';
import { runNft } from '../../kernel/nftables/nft.ts';
import { readBack, readBatch } from '../../kernel/nftables/readback.ts';
import type { Held } from '../../kernel/nftables/readback.ts';
import { rulesetFor, tableName } from './ruleset.ts';
import type { Features, Machine } from './ruleset.ts';
import { nftText } from '../../kernel/nftables/text.ts';
import { tunnelObjection } from './tunnel.ts';

interface Prepared {
  readonly machine: Machine;
  readonly text: string;
  readonly tables: readonly Table[];
  readonly batch: Buffer;
}

const policiesKept = 4;

export class Netfilter implements Enforcement {
  readonly unable = undefined;
  readonly #calls: Calls;
  readonly #filter: NetlinkSocket;
  readonly #route: NetlinkSocket;
  /** By policy: the one in force, and the one that may be ordered next. */
  readonly #prepared = new Map<string, Prepared>();
  #features: Features;
  /** Canonical text of what we put into force last; undefined when we do not know. */
  #inForce: string | undefined;
  /** Why netlink would not do, and nft(8) was used instead. */
  #throughNft: string | undefined;
  #watch: ChangeListener | undefined;

  /** `at most` lets tests and the bench hold the kernel to less than it can do. */
  constructor(calls: Calls, atMost?: Partial<Features>) {
    this.#calls = calls;
    this.#filter = new NetlinkSocket(calls, netlinkFamily.netfilter);
    this.#route = new NetlinkSocket(calls, netlinkFamily.route);
    this.#features = { ...tryFeatures(this.#filter, networkDevices(this.#route)), ...atMost };
  }

  get features(): Features {
    return this.#features;
  }

  prepare(policy: Policy): void {
    const { batch, tables, text } = this.#renewed(policy);
    // A codec that contradicts itself is found before an order comes; and code that has run is quick when one does.
    if (canonicalText(readBatch(batch, tables)) !== text) throw new Error('The rules would not read back as written.');
    rehearseProbe(this.#calls);
    if (policy.isolation === 'isolated') this.objection(policy);
  }

  objection(policy: Isolated): string | undefined {
    const known = devices(this.#route);
    return tunnelObjection(policy, (opening) => {
      const route = routeTo(this.#route, opening.network);
      return known.find((one) => one.index === route?.device);
    });
  }

  apply(policy: Policy): void {
    const prepared = this.#prepared.get(keyOf(policy)) ?? this.#renewed(policy);
    const desired = prepared.text;
    // What we remember must also be what is there: anybody may have changed a plain table, or removed it.
    // A host that was never isolated is looked at first, too, so that it sees no transaction of ours at all.
    const perhapsThere = this.#inForce === desired || (this.#inForce === undefined && policy.isolation === 'normal');
    if (perhapsThere && canonicalText(readBack(this.#filter).tables) === desired) return;
    this.#inForce = undefined;
    const refused = this.#transact(policy, prepared);
    if (refused) this.#applyThroughNft(policy, refused);
    else this.#throughNft = undefined;
    this.#inForce = (this.#prepared.get(keyOf(policy)) ?? prepared).text;
  }

  verify(policy: Policy): Verification {
    const desired = this.#renewed(policy);
    const held = readBack(this.#filter);
    const probes = policy.isolation === 'normal' ? [] : probe(this.#calls, desired.machine.devices, openingsOf(policy));
    const proof = this.#proofOf(held, probes);
    const different = differenceOf(held.tables, desired.text);
    // What we put into force is what is still wanted, even after another look around, and yet it is not there.
    const changed = different !== undefined && this.#inForce === desired.text && this.#renewed(policy) === desired;
    const tampered = changed && policy.isolation === 'isolated';
    const known = this.#inForce !== undefined && !tampered;
    const problem =
      (different !== undefined && known ? newSurroundings : different) ??
      (policy.isolation === 'normal' ? undefined : leakOf(probes));
    this.#inForce = problem === undefined ? desired.text : undefined;
    if (problem === undefined) return { proven: true, proof, shortfall: this.#shortfall(policy) };
    return { proven: false, problem, proof, tampered };
  }

  watch(noticed: () => void): void {
    this.#watch = new ChangeListener(this.#calls, { ownPort: () => this.#filter.port, tableName, noticed });
  }

  close(): void {
    this.#watch?.close();
    this.#filter.close();
    this.#route.close();
  }

  /** Undefined when all of it is in force. */
  #transact(policy: Policy, { batch }: Prepared): Error | undefined {
    const doing = policy.isolation === 'normal' ? 'Removing the isolation' : 'Isolating this endpoint';
    try {
      const error = this.#filter.transact(batch)[0];
      return error && new KernelRefusal(doing, error);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** The second rung: the same rules as a text for nft(8). They last no longer than anybody's, so they are plain. */
  #applyThroughNft(policy: Policy, refused: Error): void {
    const before = this.#features;
    this.#features = { ...before, persist: false };
    const { tables } = this.#renewed(policy);
    try {
      runNft(nftText(tables, this.#families(), tableName));
    } catch (error) {
      this.#features = before;
      throw new Error(`${refused.message} nft(8) could not do it either: ${String(error)}`, { cause: error });
    }
    this.#throughNft = refused.message;
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
    const features = this.#features;
    if (policy.isolation === 'normal') return { devices: [], dhcp: [], features };
    const leased = (version: 'v4' | 'v6'): boolean =>
      policy.dhcp === 'always' ||
      policy.holes.some((hole) => hole.version === version && needsDhcp(this.#route, hole.network));
    const dhcp = (['v4', 'v6'] as const).filter((version) => leased(version));
    return { devices: networkDevices(this.#route), dhcp, features };
  }

  /** The families in which a table of ours may be: never one that this kernel does not know. */
  #families(): Family[] {
    const { netdev, bridge } = this.#features;
    return ['inet', ...(netdev ? (['netdev'] as const) : []), ...(bridge ? (['bridge'] as const) : [])];
  }

  #proofOf(held: Held, probes: readonly Probe[]): Proof {
    const chains = held.tables.flatMap((table) => table.chains);
    const owned = held.tables.every((table) => table.flags.includes('owner') && table.flags.includes('persist'));
    return {
      digest: digestOf(held.tables),
      level: owned && this.#features.persist ? 'owner-persist' : 'plain',
      chains: chains.length,
      rules: chains.reduce((sum, chain) => sum + chain.rules.length, 0),
      packetsAccepted: held.packetsAccepted,
      packetsDropped: held.packetsDropped,
      probes: [...probes],
    };
  }

  #shortfall(policy: Policy): string | undefined {
    if (policy.isolation === 'normal') return undefined;
    return shortfallOf(this.#features, this.#throughNft) ?? bypassOf(this.#route, devices(this.#route));
  }
}

/** nf_tables on this machine, or the reason why it cannot be used. */
export function openNetfilter(): Netfilter | Error {
  try {
    const calls = systemCalls();
    if (process.getuid?.() !== 0) return new Error('Isolation needs root; the enforcer runs as another user.');
    return new Netfilter(calls);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function openingsOf(policy: Isolated): Opening[] {
  return [...policy.holes, ...policy.exceptions];
}

function keyOf(policy: Policy): string {
  return JSON.stringify(policy);
}
