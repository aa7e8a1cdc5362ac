/** Reads dumps of nf_tables back into tables. Total: bytes that make no sense give fewer tables, never an exception. */
import { decodeExpression } from './expressions.ts';
import { attributesIn, numberOf, textOf, valueOf } from '../netlink/netlink.ts';
import type { Attribute, Message } from '../netlink/netlink.ts';
import { families, hooks, tableFlags, verdictCodes, wordFor } from './tables.ts';
import { intervalSet, versionOf } from './sets.ts';
import type { AddressSet, Chain, Expression, Family, Rule, Table, TableFlag } from './tables.ts';

export interface HeldRule {
  readonly chain: string;
  readonly rule: Rule;
  readonly packets: number;
}

/** The tables called `name` in a GETTABLE dump, still without chains. */
export function tablesIn(messages: readonly Message[], name: string): Table[] {
  return messages.flatMap((one) => {
    const attributes = attributesOf(one);
    const family = wordFor(families, one.payload[0]);
    if (!family || textOf(valueOf(attributes, 1)) !== name) return [];
    return [{ family, name, flags: flagsOf(numberOf(valueOf(attributes, 2)) ?? 0), chains: [] }];
  });
}

/** The chains of one table in a GETCHAIN dump, still without rules. */
export function chainsIn(messages: readonly Message[], table: { family: Family; name: string }): Chain[] {
  return messages.flatMap((one) => {
    const attributes = attributesOf(one);
    if (one.payload[0] !== families[table.family] || textOf(valueOf(attributes, 1)) !== table.name) return [];
    return [chainOf(attributes, table.family)];
  });
}

/** The names of one table's address sets in a GETSET dump, still empty. */
export function setsIn(messages: readonly Message[], table: { family: Family; name: string }): AddressSet[] {
  return messages.flatMap((one) => {
    const attributes = attributesOf(one);
    if (one.payload[0] !== families[table.family] || textOf(valueOf(attributes, 1)) !== table.name) return [];
    const version = versionOf(numberOf(valueOf(attributes, 4)), numberOf(valueOf(attributes, 5)));
    const interval = numberOf(valueOf(attributes, 3)) === intervalSet;
    // A set of any other kind is not ours, and shows up by its name when tables are compared.
    return [
      {
        name: `${textOf(valueOf(attributes, 2))}${interval && version ? '' : '?'}`,
        version: version ?? 'v4',
        ranges: [],
      },
    ];
  });
}

/** The generation of the ruleset: while it stays the same, nobody has changed anything. */
export function generationIn(one: Message): number | undefined {
  return numberOf(valueOf(attributesOf(one), 1));
}

/** The rules of one table in a GETRULE dump, in the sequence in which packets pass them. */
export function rulesIn(messages: readonly Message[], table: { family: Family; name: string }): HeldRule[] {
  return messages.flatMap((one) => {
    const attributes = attributesOf(one);
    if (one.payload[0] !== families[table.family] || textOf(valueOf(attributes, 1)) !== table.name) return [];
    return [ruleOf(attributes)];
  });
}

/** Every nf_tables message starts with four bytes: family, version, resource. */
function attributesOf(one: Message): Attribute[] {
  return attributesIn(one.payload.subarray(4));
}

const flagWords: readonly TableFlag[] = ['dormant', 'owner', 'persist'];

function flagsOf(number: number): TableFlag[] {
  return flagWords.filter((word) => (number & tableFlags[word]) !== 0);
}

function chainOf(attributes: readonly Attribute[], family: Family): Chain {
  const hook = attributesIn(valueOf(attributes, 4) ?? Buffer.alloc(0));
  const hookNumber = numberOf(valueOf(hook, 1));
  return {
    name: textOf(valueOf(attributes, 3)),
    type: textOf(valueOf(attributes, 7)),
    hook: hookNumber === undefined ? '' : (hooks[family][hookNumber] ?? `hook ${hookNumber}`),
    priority: (numberOf(valueOf(hook, 2)) ?? 0) | 0,
    policy: wordFor(verdictCodes, numberOf(valueOf(attributes, 5))) ?? 'accept',
    devices: devicesOf(hook),
    rules: [],
  };
}

/** The kernel also names a single device in an attribute of its own; the list always holds all of them. */
function devicesOf(hook: readonly Attribute[]): string[] {
  return attributesIn(valueOf(hook, 4) ?? Buffer.alloc(0))
    .map((device) => (device.type === 1 ? textOf(device.value) : `${textOf(device.value)}*`))
    .sort();
}

function ruleOf(attributes: readonly Attribute[]): HeldRule {
  const steps = attributesIn(valueOf(attributes, 4) ?? Buffer.alloc(0)).map((one) => decodeExpression(one.value));
  return {
    chain: textOf(valueOf(attributes, 2)),
    rule: steps.map((one): Expression => one.step),
    packets: steps.reduce((sum, one) => sum + one.packets, 0),
  };
}
