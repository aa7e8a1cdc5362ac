/** Writes and reads the steps of a rule as nf_tables expressions (include/uapi/linux/netfilter/nf_tables.h). */
import {
  attribute,
  attributesIn,
  nested,
  numberAttribute,
  numberOf,
  textAttribute,
  textOf,
  valueOf,
} from '../netlink/netlink.ts';
import type { Attribute } from '../netlink/netlink.ts';
import { metaKeys, payloadBases, verdictCodes, wordFor } from './tables.ts';
import type { Expression, RejectWith } from './tables.ts';

const register = { verdict: 0, first: 1 } as const;
const listElement = 1;
const expressionName = 1;
const expressionData = 2;
const dataValue = 1;
const dataVerdict = 2;
const verdictCode = 1;
const operators = { equal: 0, different: 1, 'at-most': 3, 'at-least': 5 } as const;

/** Reject type and code: `icmpx` is translated by the kernel to the family's own code. */
const rejects: { readonly [W in RejectWith]: readonly [type: number, code: number] } = {
  'tcp-reset': [1, 0],
  'admin-prohibited': [2, 3],
};
const rejectWords: readonly RejectWith[] = ['tcp-reset', 'admin-prohibited'];

export function encodeExpression(step: Expression): Buffer {
  const [name, data] = nameAndData(step);
  return nested(listElement, [textAttribute(expressionName, name), nested(expressionData, data)]);
}

// oxlint-disable-next-line typescript/consistent-return -- the compiler checks that the switch is whole
function nameAndData(step: Expression): [string, Buffer[]] {
  switch (step.kind) {
    case 'meta':
      return ['meta', [numberAttribute(1, register.first), numberAttribute(2, metaKeys[step.key])]];
    case 'payload':
      return ['payload', [register.first, payloadBases[step.base], step.offset, step.length].map(numbered)];
    case 'mask':
      return ['bitwise', bitwise(Buffer.from(step.mask, 'hex'))];
    case 'compare':
      return [
        'cmp',
        [register.first, operators[step.is]].map(numbered).concat(value(3, Buffer.from(step.value, 'hex'))),
      ];
    case 'counter':
      return ['counter', [attribute(1, Buffer.alloc(8)), attribute(2, Buffer.alloc(8))]];
    case 'verdict':
      return ['immediate', immediate(verdictCodes[step.verdict])];
    case 'reject':
      return ['reject', [numberAttribute(1, rejects[step.with][0]), attribute(2, Buffer.of(rejects[step.with][1]))]];
    case 'lookup':
      return ['lookup', [textAttribute(1, step.set), numberAttribute(2, register.first)]];
    case 'limit':
      return ['limit', limit(step)];
    case 'log':
      return ['log', log(step)];
    case 'foreign':
      return [step.name, [Buffer.from(step.data, 'hex')]];
  }
}

/** Rate and unit (one second), burst, packets instead of bytes, and not inverted. */
function limit({ perSecond, burst }: Extract<Expression, { kind: 'limit' }>): Buffer[] {
  const [rate, unit] = [long(perSecond), long(1)];
  return [
    attribute(1, rate),
    attribute(2, unit),
    numberAttribute(3, burst),
    numberAttribute(4, 0),
    numberAttribute(5, 0),
  ];
}

function log({ group, bytes, prefix }: Extract<Expression, { kind: 'log' }>): Buffer[] {
  return [attribute(1, Buffer.of(group >> 8, group & 0xff)), textAttribute(2, prefix), numberAttribute(3, bytes)];
}

function long(number: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(number));
  return bytes;
}

/** Attributes 1, 2, 3 … with these numbers. */
function numbered(number: number, index: number): Buffer {
  return numberAttribute(index + 1, number);
}

function bitwise(mask: Buffer): Buffer[] {
  const registers = [register.first, register.first, mask.length].map(numbered);
  return [...registers, value(4, mask), value(5, Buffer.alloc(mask.length))];
}

function immediate(code: number): Buffer[] {
  return [numberAttribute(1, register.verdict), nested(2, [nested(dataVerdict, [numberAttribute(verdictCode, code)])])];
}

function value(type: number, bytes: Buffer): Buffer {
  return nested(type, [attribute(dataValue, bytes)]);
}

/**
 * The step in one list element, and the packets that a counter has counted. Total: anything not ours becomes `foreign`.
 */
export function decodeExpression(element: Buffer): { step: Expression; packets: number } {
  const parts = attributesIn(element);
  const name = textOf(valueOf(parts, expressionName));
  const data = valueOf(parts, expressionData) ?? Buffer.alloc(0);
  const attributes = attributesIn(data);
  const step = decodeStep(name, attributes) ?? { kind: 'foreign', name, data: data.toString('hex') };
  return { step, packets: step.kind === 'counter' ? packetsOf(attributes) : 0 };
}

/** A known step only with the registers that we use; any other use is somebody else's. */
function decodeStep(name: string, attributes: readonly Attribute[]): Expression | undefined {
  const number = (type: number): number | undefined => numberOf(valueOf(attributes, type));
  if (name === 'counter') return { kind: 'counter' };
  if (name === 'reject') return decodeReject(number(1), valueOf(attributes, 2)?.[0] ?? 0);
  if (name === 'immediate') return decodeVerdict(number(1), valueOf(attributes, 2));
  if (name === 'lookup') return decodeLookup(attributes);
  if (name === 'limit') return decodeLimit(attributes);
  if (name === 'log') return decodeLog(attributes);
  if (number(1) !== register.first) return undefined;
  if (name === 'meta') return decodeMeta(number(2));
  if (name === 'payload') return decodePayload(number(2), number(3), number(4));
  if (name === 'cmp') return decodeCompare(number(2), valueOf(attributes, 3));
  if (name === 'bitwise' && number(2) === register.first) return decodeMask(attributes);
  return undefined;
}

function decodeReject(type: number | undefined, code: number): Expression | undefined {
  for (const word of rejectWords) {
    if (rejects[word][0] === type && rejects[word][1] === code) return { kind: 'reject', with: word };
  }
  return undefined;
}

function decodeVerdict(target: number | undefined, data: Buffer | undefined): Expression | undefined {
  if (target !== register.verdict || !data) return undefined;
  const parts = attributesIn(valueOf(attributesIn(data), dataVerdict) ?? Buffer.alloc(0));
  const verdict = wordFor(verdictCodes, numberOf(valueOf(parts, verdictCode)));
  return verdict && { kind: 'verdict', verdict };
}

/** From a set that maps to nothing (3), and not inverted (5). */
function decodeLookup(attributes: readonly Attribute[]): Expression | undefined {
  if (numberOf(valueOf(attributes, 2)) !== register.first || valueOf(attributes, 3)) return undefined;
  if ((numberOf(valueOf(attributes, 5)) ?? 0) !== 0) return undefined;
  return { kind: 'lookup', set: textOf(valueOf(attributes, 1)) };
}

function decodeLimit(attributes: readonly Attribute[]): Expression | undefined {
  const [rate, unit] = [1, 2].map((type) => longOf(valueOf(attributes, type)));
  const [burst, type = 0, flags = 0] = [3, 4, 5].map((one) => numberOf(valueOf(attributes, one)));
  if (rate === undefined || burst === undefined || unit !== 1 || type !== 0 || flags !== 0) return undefined;
  return { kind: 'limit', perSecond: rate, burst };
}

/** With a level (5) or flags (6) it goes elsewhere; with a threshold (4) it comes later. */
function decodeLog(attributes: readonly Attribute[]): Expression | undefined {
  const group = valueOf(attributes, 1);
  if (group?.length !== 2 || [5, 6].some((type) => valueOf(attributes, type))) return undefined;
  if (valueOf(attributes, 4)?.some((byte) => byte !== 0)) return undefined;
  const bytes = numberOf(valueOf(attributes, 3)) ?? 0;
  return { kind: 'log', group: group.readUInt16BE(), bytes, prefix: textOf(valueOf(attributes, 2)) };
}

function decodeMeta(key: number | undefined): Expression | undefined {
  const word = wordFor(metaKeys, key);
  return word && { kind: 'meta', key: word };
}

function decodePayload(base?: number, offset?: number, length?: number): Expression | undefined {
  const word = wordFor(payloadBases, base);
  if (!word || offset === undefined || length === undefined) return undefined;
  return { kind: 'payload', base: word, offset, length };
}

function decodeCompare(operator: number | undefined, data: Buffer | undefined): Expression | undefined {
  const is = wordFor(operators, operator);
  const bytes = data && valueOf(attributesIn(data), dataValue);
  return is && bytes && { kind: 'compare', is, value: bytes.toString('hex') };
}

function decodeMask(attributes: readonly Attribute[]): Expression | undefined {
  const [mask, xor] = [4, 5].map((type) =>
    valueOf(attributesIn(valueOf(attributes, type) ?? Buffer.alloc(0)), dataValue),
  );
  // Attribute 6 says which operation; without it, or with 0, it is "and, then exclusive or".
  const operation = numberOf(valueOf(attributes, 6)) ?? 0;
  if (!mask || !xor || operation !== 0 || xor.some((byte) => byte !== 0)) return undefined;
  return { kind: 'mask', mask: mask.toString('hex') };
}

function packetsOf(attributes: readonly Attribute[]): number {
  return longOf(valueOf(attributes, 2)) ?? 0;
}

function longOf(bytes: Buffer | undefined): number | undefined {
  return bytes?.length === 8 ? Number(bytes.readBigUInt64BE()) : undefined;
}
