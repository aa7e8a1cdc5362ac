/** Writes nf_tables messages: batches that change tables, and the requests that dump them. */
import { encodeExpression } from './expressions.ts';
import { flag, message, nested, numberAttribute, textAttribute } from '../netlink/netlink.ts';
import { elementLists, setAttributes } from './sets.ts';
import { families, hooks, tableFlags, verdictCodes } from './tables.ts';
import type { AddressRange, AddressSet, Chain, Family, Rule, Table } from './tables.ts';

const subsystem = 10;
const batchBegin = 0x10;
const batchEnd = 0x11;

/** Message numbers inside the subsystem. */
export const messageType = {
  newTable: (subsystem << 8) | 0,
  getTable: (subsystem << 8) | 1,
  deleteTable: (subsystem << 8) | 2,
  newChain: (subsystem << 8) | 3,
  getChain: (subsystem << 8) | 4,
  newRule: (subsystem << 8) | 6,
  getRule: (subsystem << 8) | 7,
  deleteRule: (subsystem << 8) | 8,
  newSet: (subsystem << 8) | 9,
  getSet: (subsystem << 8) | 10,
  deleteSet: (subsystem << 8) | 11,
  newElement: (subsystem << 8) | 12,
  getElement: (subsystem << 8) | 13,
  deleteElement: (subsystem << 8) | 14,
  getGeneration: (subsystem << 8) | 16,
} as const;

/** A change in a batch; its sequence number is its position in the batch, counted from 1. */
export type Change =
  | { readonly kind: 'ensure-table' | 'delete-table'; readonly table: TableName }
  | { readonly kind: 'add-table'; readonly table: Table }
  /** The sets of an existing table, in place of some that no rule uses. */
  | { readonly kind: 'add-sets'; readonly table: Table; readonly unused: readonly string[] }
  /** Other rules in existing chains, for existing sets; the sets of the old rules are removed. */
  | { readonly kind: 'refill-chains'; readonly table: Table; readonly used: readonly string[] }
  | {
      readonly kind: 'add-ranges' | 'delete-ranges';
      readonly table: TableName;
      readonly set: string;
      readonly ranges: readonly AddressRange[];
    };

interface TableName {
  readonly family: Family;
  readonly name: string;
}

/**
 * All changes as one transaction: they all take effect in the same instant, or none does. A rehearsal lacks the end
 * mark, so the kernel checks everything and then forgets it (as `nft --check` does).
 */
export function encodeBatch(changes: readonly Change[], options: { rehearsal: boolean }): Buffer {
  const bodies = changes.flatMap(bodiesOf);
  const messages = bodies.map((body, index) => {
    // The kernel acknowledges the last one when all of them are in force: silence is never taken for consent.
    const acknowledge = index === bodies.length - 1 ? flag.acknowledge : 0;
    return message(
      { type: body.type, flags: flag.request | body.flags | acknowledge, sequence: index + 1 },
      body.payload,
    );
  });
  const begin = frame(batchBegin, 0);
  return Buffer.concat(
    options.rehearsal ? [begin, ...messages] : [begin, ...messages, frame(batchEnd, bodies.length + 1)],
  );
}

interface Body {
  readonly type: number;
  readonly flags: number;
  readonly payload: readonly Buffer[];
}

// oxlint-disable-next-line typescript/consistent-return -- the compiler checks that the switch is whole
function bodiesOf(change: Change): Body[] {
  const { family, name } = change.table;
  const named = [header(family), textAttribute(1, name)];
  switch (change.kind) {
    // Without a flags attribute: "create it if it is missing, otherwise leave it", whatever flags it has.
    case 'ensure-table':
      return [{ type: messageType.newTable, flags: flag.create, payload: named }];
    case 'delete-table':
      return [{ type: messageType.deleteTable, flags: 0, payload: named }];
    case 'add-table':
      return tableBodies(change.table);
    case 'add-sets':
      return [
        tableBody(change.table),
        ...change.unused.map((set) => setGone(change.table, set)),
        ...setBodies(change.table),
      ];
    case 'refill-chains':
      return refillBodies(change.table, change.used);
    case 'add-ranges':
      return elementBodies(change, { type: messageType.newElement, flags: flag.create });
    case 'delete-ranges':
      return elementBodies(change, { type: messageType.deleteElement, flags: 0 });
  }
}

/** Sets first: a rule can look up only existing ones. */
function tableBodies(table: Table): Body[] {
  return [tableBody(table), ...setBodies(table), ...table.chains.flatMap((chain) => chainBodies(table, chain))];
}

function refillBodies(table: Table, used: readonly string[]): Body[] {
  const named = [header(table.family), textAttribute(1, table.name)];
  const emptied = table.chains.map(({ name }) => [...named, textAttribute(2, name)]);
  return [
    ...emptied.map((payload) => ({ type: messageType.deleteRule, flags: 0, payload })),
    ...table.chains.flatMap(({ name, rules }) => rules.map((rule) => ruleBody(table, name, rule))),
    ...used.map((set) => setGone(table, set)),
  ];
}

function setGone({ family, name }: TableName, set: string): Body {
  const payload = [header(family), textAttribute(1, name), textAttribute(2, set)];
  return { type: messageType.deleteSet, flags: 0, payload };
}

function setBodies(table: Table): Body[] {
  const sets = table.sets ?? [];
  return [
    ...sets.map((set, index) => setBody(table, set, index + 1)),
    ...sets.flatMap(({ name, ranges }) =>
      elementBodies({ table, set: name, ranges }, { type: messageType.newElement, flags: flag.create }),
    ),
  ];
}

function setBody(table: TableName, set: AddressSet, id: number): Body {
  const payload = [header(table.family), textAttribute(1, table.name), textAttribute(2, set.name)];
  return { type: messageType.newSet, flags: flag.create, payload: [...payload, ...setAttributes(set.version, id)] };
}

function elementBodies(
  { table, set, ranges }: { table: TableName; set: string; ranges: readonly AddressRange[] },
  kind: Pick<Body, 'type' | 'flags'>,
): Body[] {
  const names = [header(table.family), textAttribute(1, table.name), textAttribute(2, set)];
  return elementLists(ranges).map((list) => ({ type: kind.type, flags: kind.flags, payload: [...names, list] }));
}

function tableBody(table: Table): Body {
  const flags = table.flags.reduce((sum, one) => sum | tableFlags[one], 0);
  const payload = [header(table.family), textAttribute(1, table.name), numberAttribute(2, flags)];
  return { type: messageType.newTable, flags: flag.create, payload };
}

function chainBodies(table: TableName, chain: Chain): Body[] {
  const hookNumber = hooks[table.family].indexOf(chain.hook);
  const devices =
    chain.devices.length === 0
      ? []
      : [
          nested(
            4,
            chain.devices.map((name) => textAttribute(1, name)),
          ),
        ];
  const payload = [
    header(table.family),
    textAttribute(1, table.name),
    textAttribute(3, chain.name),
    nested(4, [numberAttribute(1, hookNumber), numberAttribute(2, chain.priority), ...devices]),
    numberAttribute(5, verdictCodes[chain.policy]),
    textAttribute(7, chain.type),
  ];
  const rules = chain.rules.map((rule) => ruleBody(table, chain.name, rule));
  return [{ type: messageType.newChain, flags: flag.create, payload }, ...rules];
}

function ruleBody(table: TableName, chain: string, rule: Rule): Body {
  const payload = [
    header(table.family),
    textAttribute(1, table.name),
    textAttribute(2, chain),
    nested(4, rule.map(encodeExpression)),
  ];
  return { type: messageType.newRule, flags: flag.create | flag.append, payload };
}

/** Asks for all tables, or for the chains or rules of one family (rules can be narrowed to one table). */
export function encodeDump(type: number, of?: { family: Family; table?: string }): Buffer {
  const family = of ? families[of.family] : 0;
  const table = of?.table === undefined ? [] : [textAttribute(1, of.table)];
  return message({ type, flags: flag.request | flag.dump, sequence: 1 }, [Buffer.of(family, 0, 0, 0), ...table]);
}

/** Asks for the content of one set. */
export function encodeElementDump(table: TableName, set: string): Buffer {
  const payload = [header(table.family), textAttribute(1, table.name), textAttribute(2, set)];
  return message({ type: messageType.getElement, flags: flag.request | flag.dump, sequence: 1 }, payload);
}

/** Asks for the generation of the ruleset. */
export function encodeGenerationRequest(): Buffer {
  return message({ type: messageType.getGeneration, flags: flag.request, sequence: 1 }, [Buffer.alloc(4)]);
}

function header(family: Family): Buffer {
  return Buffer.of(families[family], 0, 0, 0);
}

function frame(type: number, sequence: number): Buffer {
  return message({ type, flags: flag.request, sequence }, [Buffer.of(0, 0, 0, subsystem)]);
}
