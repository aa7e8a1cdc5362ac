/**
 * The table that blocks or logs listed addresses, as plain data.
 *
 * It sits behind the isolation (-500, 500) and ahead of the host's own rules, before and after address translation: a
 * packet from a listed address is matched before anything rewrites it, a packet to one afterwards. Both directions,
 * with no connection tracking, so flows that existed before the address was listed are cut, too. Forwarded packets pass
 * the same chains, so containers are covered.
 */
import type { AddressSet, Chain, Expression, Rule, Table } from '../../kernel/nftables/tables.ts';
import {
  equal,
  fromLoopback,
  inetFamilies,
  load,
  meta,
  neighboursIn,
  neighboursOut,
  toLoopback,
  verdict,
} from '../isolation/rules.ts';
import type { Version } from '../isolation/rules.ts';

export const addressTableName = 'cordon_objects';

/** Identifies, in the copies, the rule that made them. */
export const prefixes = { block: 'cordon block', log: 'cordon log', name: 'cordon name' } as const;

/** What this kernel accepts, found by trying. */
export interface AddressFeatures {
  /** Table flags owner and persist, since Linux 6.9. */
  readonly persist: boolean;
  readonly reject: boolean;
  /** Copies of packets for the agent. Without them addresses are blocked, but not reported. */
  readonly log: boolean;
}

export interface AddressMachine {
  readonly features: AddressFeatures;
  /** The group that receives copies; undefined when nobody listens. */
  readonly group: number | undefined;
  /** The suffix of the set names: old and new sets exist side by side while one replaces the other. */
  readonly slot: Slot;
}

export type Slot = 'a' | 'b';

const ahead = -450;
const behind = 450;
/** The agent gets at most this many copies a second, so the kernel bears a flood, and we do not. */
const copyRate = { perSecond: 100, burst: 200 } as const;
const questions = { perSecond: 500, burst: 1000 } as const;
/** Enough for the headers of a packet, and for the longest name after them. */
const copied = { headers: 96, question: 400 } as const;
const versions: readonly Version[] = ['v4', 'v6'];
const fields = {
  source: { v4: [12, 4], v6: [8, 16] },
  destination: { v4: [16, 4], v6: [24, 16] },
} as const;
const dnsPort = '0035';

export function addressTable(
  sets: readonly AddressSet[],
  { names, machine }: { names: boolean; machine: AddressMachine },
): Table {
  const { slot } = machine;
  const asked = names ? [...nameRules('11', machine), ...nameRules('06', machine)] : [];
  const chains = [
    chain('pre', 'prerouting', { rules: [fromLoopback, ...neighboursIn(inetFamilies), ...comingIn(machine)] }),
    chain('fw', 'forward', { rules: [...asked, ...goingOut(machine), ...loggedTo('destination', machine)] }),
    // Questions first: a client that asks a resolver on this host is matched, too.
    chain('out', 'output', {
      rules: [
        ...asked,
        toLoopback,
        ...neighboursOut(inetFamilies),
        ...goingOut(machine),
        ...loggedTo('destination', machine),
      ],
    }),
    chain('post', 'postrouting', {
      rules: [toLoopback, ...neighboursOut(inetFamilies), ...translated(machine)],
      priority: behind,
    }),
  ];
  const flags = machine.features.persist ? (['owner', 'persist'] as const) : [];
  const named = sets.map(({ name, version, ranges }) => ({ name: `${name}${slot}`, version, ranges }));
  return { family: 'inet', name: addressTableName, flags, sets: named, chains };
}

function chain(name: string, hook: string, rest: { rules: Rule[]; priority?: number }): Chain {
  const { rules, priority = ahead } = rest;
  return { name, type: 'filter', hook, priority, policy: 'accept', devices: [], rules };
}

function comingIn(machine: AddressMachine): Rule[] {
  const blocked = versions.flatMap((version) => {
    const listed = inSet('block', 'source', { version, slot: machine.slot });
    return [...copy(listed, prefixes.block, machine), [...listed, { kind: 'counter' } as const, verdict('drop')]];
  });
  return [...blocked, ...loggedTo('source', machine)];
}

/** The sender learns at once that the address is blocked, instead of hanging for minutes. */
function goingOut(machine: AddressMachine): Rule[] {
  return versions.flatMap((version): Rule[] => {
    const listed = inSet('block', 'destination', { version, slot: machine.slot });
    const refused: Rule[] = [
      [...listed, meta('l4proto'), equal('06'), { kind: 'counter' }, { kind: 'reject', with: 'tcp-reset' }],
      [...listed, { kind: 'counter' }, { kind: 'reject', with: 'admin-prohibited' }],
    ];
    const dropped: Rule[] = [[...listed, { kind: 'counter' }, verdict('drop')]];
    return [...copy(listed, prefixes.block, machine), ...(machine.features.reject ? refused : dropped)];
  });
}

/** Packets that others sent to a listed address anyway. */
function translated(machine: AddressMachine): Rule[] {
  return versions.flatMap((version): Rule[] => {
    const listed = inSet('block', 'destination', { version, slot: machine.slot });
    return [...copy(listed, prefixes.block, machine), [...listed, { kind: 'counter' }, verdict('drop')]];
  });
}

function loggedTo(end: keyof typeof fields, machine: AddressMachine): Rule[] {
  return versions.flatMap((version) => copy(inSet('log', end, { version, slot: machine.slot }), prefixes.log, machine));
}

function nameRules(protocol: '06' | '11', { features, group }: AddressMachine): Rule[] {
  if (!features.log || group === undefined) return [];
  const asked: Expression[] = [meta('l4proto'), equal(protocol), load('transport', 2, dnsPort), equal(dnsPort)];
  return [
    [...asked, { kind: 'limit', ...questions }, { kind: 'log', group, bytes: copied.question, prefix: prefixes.name }],
  ];
}

function copy(listed: readonly Expression[], prefix: string, { features, group }: AddressMachine): Rule[] {
  if (!features.log || group === undefined) return [];
  return [[...listed, { kind: 'limit', ...copyRate }, { kind: 'log', group, bytes: copied.headers, prefix }]];
}

function inSet(
  name: 'block' | 'log',
  end: keyof typeof fields,
  { version, slot }: { version: Version; slot: Slot },
): Expression[] {
  const [offset, length] = fields[end][version];
  return [
    ...inetFamilies[version],
    { kind: 'payload', base: 'network', offset, length },
    { kind: 'lookup', set: `${name}${version.slice(1)}${slot}` },
  ];
}
