/** Isolates this endpoint with nf_tables, and proves it. */
import type { Calls } from '../../kernel/calls.ts';
import { needsDhcp } from '../../kernel/netlink/addresses.ts';
import { devices, networkDevices } from '../../kernel/netlink/links.ts';
import { routeTo } from '../../kernel/netlink/routes.ts';
import { NetlinkSocket, netlinkFamily } from '../../kernel/netlink/socket.ts';
import { OwnedTable } from '../../kernel/nftables/owned-table.ts';
import type { Prepared } from '../../kernel/nftables/owned-table.ts';
import type { Family } from '../../kernel/nftables/tables.ts';
import { messageOf } from '../../message-of.ts';
import type { Problem } from '../../problem.ts';
import { bypassOf } from './bypass.ts';
import { unproven } from './isolation-kernel.ts';
import type { IsolationKernel, KernelState } from './isolation-kernel.ts';
import type { Opening } from './opening.ts';
import { policyOf } from './policy.ts';
import type { Isolated, Policy } from './policy.ts';
import { probe, rehearseProbe } from './probe.ts';
import { leakOf, machineChanged, proofOf, shortfallOf } from './proof.ts';
import { isolationTableName, rulesetFor } from './ruleset.ts';
import type { IsolationFeatures, Machine } from './ruleset.ts';
import { tunnelObjection } from './tunnel.ts';

interface PreparedPolicy extends Prepared {
  readonly machine: Machine;
}

const maxPrepared = 4;
const everything: IsolationFeatures = { persist: true, netdev: true, bridge: true, reject: true };
const least: IsolationFeatures = { persist: false, netdev: false, bridge: false, reject: false };

/** One gateway of each family, and exceptions with and without masks and ranges, use every kind of rule. */
const sample = policyOf({
  isolation: 'isolated',
  gateways: [
    { address: '192.0.2.1', port: 8443 },
    { address: '2001:db8::1', port: 8443 },
  ],
  exceptions: [
    { direction: 'in', protocol: 'tcp', network: '192.0.2.0/25', ports: { first: 1, last: 2 } },
    { direction: 'out', protocol: 'udp', network: '2001:db8::/33', ports: null },
  ],
  dhcp: true,
});

export class NftablesIsolation implements IsolationKernel {
  readonly unable = undefined;
  readonly #calls: Calls;
  readonly #table: OwnedTable;
  readonly #route: NetlinkSocket;
  /** By policy: the one in force, and the one that may come next. */
  readonly #prepared = new Map<string, PreparedPolicy>();
  #features: IsolationFeatures;
  /** Canonical text of what we last put in force; undefined when unknown. */
  #inForce: string | undefined;
  /** Why netlink was refused, and nft(8) was used instead. */
  #netlinkProblem: Problem;

  /** `atMost` lets tests and the bench limit the kernel's features. Throws when the minimum is not available. */
  constructor(calls: Calls, atMost?: Partial<IsolationFeatures>) {
    this.#calls = calls;
    this.#table = new OwnedTable(calls, { name: isolationTableName, subject: 'the isolation' });
    this.#route = new NetlinkSocket(calls, netlinkFamily.route);
    const known = networkDevices(this.#route);
    const tablesFor = (features: IsolationFeatures): ReturnType<typeof rulesetFor> =>
      rulesetFor(sample, { devices: known, dhcp: ['v4', 'v6'], features });
    this.#features = { ...this.#table.probeFeatures({ everything, least, tablesFor }), ...atMost };
  }

  get features(): IsolationFeatures {
    return this.#features;
  }

  prepare(policy: Policy): void {
    // Finds mistakes before a policy comes, and warms up the code for it.
    this.#table.checkCodec(this.#preparedFor(policy));
    rehearseProbe(this.#calls);
    if (policy.isolation === 'isolated') this.objection(policy);
  }

  objection(policy: Isolated): Problem {
    const known = devices(this.#route);
    return tunnelObjection(policy, (opening) => {
      const route = routeTo(this.#route, opening.network);
      return known.find((one) => one.index === route?.device);
    });
  }

  apply(policy: Policy): void {
    const prepared = this.#prepared.get(keyOf(policy)) ?? this.#preparedFor(policy);
    // The kernel must also hold what we remember: anybody may have changed or removed a plain table.
    // A host that was never isolated is read first, too, so that it sees no transaction from us.
    const perhapsThere =
      this.#inForce === prepared.text || (this.#inForce === undefined && policy.isolation === 'normal');
    if (perhapsThere && this.#table.difference(prepared) === undefined) return;
    this.#inForce = undefined;
    try {
      this.#table.put(prepared, policy.isolation === 'normal' ? 'Removing the isolation' : 'Isolating this endpoint');
      this.#netlinkProblem = undefined;
    } catch (error) {
      this.#applyThroughNft(policy, messageOf(error));
    }
    this.#inForce = (this.#prepared.get(keyOf(policy)) ?? prepared).text;
  }

  verify(policy: Policy): KernelState {
    const desired = this.#preparedFor(policy);
    // Probed before the tables are read: a flush in between is then found as tampering, not as a leak of tables that are in place.
    const probes = policy.isolation === 'normal' ? [] : probe(this.#calls, desired.machine.devices, openingsOf(policy));
    const held = this.#table.read();
    const proof = proofOf(held, probes, this.#features);
    const difference = this.#table.difference(desired, held);
    // What we put in force is still desired, even after the machine was read again, and yet it is missing.
    const changed = difference !== undefined && this.#inForce === desired.text && this.#preparedFor(policy) === desired;
    const tampered = changed && policy.isolation === 'isolated';
    const expected = this.#inForce !== undefined && !tampered;
    const problem =
      (difference !== undefined && expected ? machineChanged : difference) ??
      (policy.isolation === 'normal' ? undefined : leakOf(probes));
    this.#inForce = problem === undefined ? desired.text : undefined;
    if (problem !== undefined) return unproven(problem, { proof, tampered });
    return { isolation: policy.isolation, proof, problem: this.#shortfall(policy), tampered: false };
  }

  watch(changed: () => void): void {
    this.#table.watch(changed);
  }

  close(): void {
    this.#table.close();
    this.#route.close();
  }

  /** The same rules as text for nft(8). It exits at once, so these tables have no owner. */
  #applyThroughNft(policy: Policy, refused: string): void {
    const before = this.#features;
    this.#features = { ...before, persist: false };
    try {
      this.#table.putThroughNft(this.#preparedFor(policy).tables, this.#families());
    } catch (error) {
      this.#features = before;
      throw new Error(`${refused} nft(8) could not do it either: ${String(error)}`, { cause: error });
    }
    this.#netlinkProblem = refused;
  }

  /** As prepared before, if it still fits this machine: a new device needs chains of its own. */
  #preparedFor(policy: Policy): PreparedPolicy {
    const key = keyOf(policy);
    const machine = this.#machineFor(policy);
    const before = this.#prepared.get(key);
    if (before && JSON.stringify(before.machine) === JSON.stringify(machine)) return before;
    if (!before && this.#prepared.size >= maxPrepared) this.#prepared.clear();
    const prepared = { machine, ...this.#table.prepare(rulesetFor(policy, machine), this.#families()) };
    this.#prepared.set(key, prepared);
    return prepared;
  }

  /** What the rules depend on. It may change at any time, so it is read each time. */
  #machineFor(policy: Policy): Machine {
    const features = this.#features;
    if (policy.isolation === 'normal') return { devices: [], dhcp: [], features };
    const leased = (version: 'v4' | 'v6'): boolean =>
      policy.dhcp === 'always' ||
      policy.holes.some((hole) => hole.version === version && needsDhcp(this.#route, hole.network));
    const dhcp = (['v4', 'v6'] as const).filter((version) => leased(version));
    return { devices: networkDevices(this.#route), dhcp, features };
  }

  /** The families that may hold a table of ours: never one that this kernel does not know. */
  #families(): Family[] {
    const { netdev, bridge } = this.#features;
    return ['inet', ...(netdev ? (['netdev'] as const) : []), ...(bridge ? (['bridge'] as const) : [])];
  }

  #shortfall(policy: Policy): Problem {
    if (policy.isolation === 'normal') return undefined;
    return shortfallOf(this.#features, this.#netlinkProblem) ?? bypassOf(this.#route, devices(this.#route));
  }
}

function openingsOf(policy: Isolated): Opening[] {
  return [...policy.holes, ...policy.exceptions];
}

function keyOf(policy: Policy): string {
  return JSON.stringify(policy);
}
