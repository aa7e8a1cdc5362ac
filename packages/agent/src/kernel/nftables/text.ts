/**
 * Writes tables as nft(8) reads them, for kernels or sandboxes that refuse our own netlink batch.
 *
 * Made from the same data as the batch, with raw loads instead of protocol words, so that nft adds nothing of its own:
 * the kernel then holds the same, step by step.
 */
import { formatHexAddress } from '@cordon/protocol/addresses';
import type { AddressSet, Chain, Comparison, Expression, Family, RejectWith, Rule, Table } from './tables.ts';

const signs: { readonly [C in Comparison]: string } = {
  equal: '',
  different: '!= ',
  'at-most': '<= ',
  'at-least': '>= ',
};
const bases = { network: '@nh', transport: '@th' } as const;
const rejects: { readonly [W in RejectWith]: string } = {
  'tcp-reset': 'reject with tcp reset',
  'admin-prohibited': 'reject with icmpx type admin-prohibited',
};

/** Replaces what Cordon holds in `families` by these tables, in one transaction. Without owner: nft ends at once. */
export function nftText(tables: readonly Table[], families: readonly Family[], name: string): string {
  const removals = families.map((family) => `add table ${family} ${name}\ndelete table ${family} ${name}\n`);
  return [...removals, ...tables.map(tableText)].join('');
}

function tableText({ family, name, sets = [], chains }: Table): string {
  return `table ${family} ${name} {\n${[...sets.map(setText), ...chains.map(chainText)].join('')}}\n`;
}

function setText({ name, version, ranges }: AddressSet): string {
  const elements = ranges.map(({ first, last }) => `${formatHexAddress(first)}-${formatHexAddress(last)}`).join(', ');
  const held = ranges.length === 0 ? '' : ` elements = { ${elements} };`;
  return `  set ${name} { type ip${version}_addr; flags interval;${held} }\n`;
}

function chainText({ name, type, hook, devices, priority, policy, rules }: Chain): string {
  const where = devices.length === 0 ? '' : ` devices = { ${devices.map((device) => `"${device}"`).join(', ')} }`;
  const head = `type ${type} hook ${hook}${where} priority ${priority}; policy ${policy};`;
  return `  chain ${name} {\n    ${head}\n${rules.map((rule) => `    ${ruleText(rule)}\n`).join('')}  }\n`;
}

function ruleText(rule: Rule): string {
  return rule.map((step, index) => stepOf(step, { before: rule[index - 1], after: rule[index + 1] })).join(' ');
}

/** nft looks up only values that have the type of the set, and raw loads have none. */
function stepOf(step: Expression, around: { before: Expression | undefined; after: Expression | undefined }): string {
  if (step.kind !== 'payload' || around.after?.kind !== 'lookup') return stepText(step, around.before);
  const field = step.offset === 12 || step.offset === 8 ? 'saddr' : 'daddr';
  return `${step.length === 4 ? 'ip' : 'ip6'} ${field}`;
}

// oxlint-disable-next-line typescript/consistent-return -- the compiler checks that the switch is whole
function stepText(step: Expression, before: Expression | undefined): string {
  switch (step.kind) {
    case 'meta':
      return `meta ${step.key}`;
    case 'payload':
      return `${bases[step.base]},${step.offset * 8},${step.length * 8}`;
    case 'mask':
      return `& 0x${step.mask}`;
    case 'compare':
      return `${signs[step.is]}${valueText(step.value, before)}`;
    case 'counter':
      return 'counter';
    case 'verdict':
      return step.verdict;
    case 'reject':
      return rejects[step.with];
    case 'lookup':
      return `@${step.set}`;
    case 'limit':
      return `limit rate ${step.perSecond}/second burst ${step.burst} packets`;
    case 'log':
      return `log prefix "${step.prefix}" group ${step.group} snaplen ${step.bytes}`;
    case 'foreign':
      throw new Error(`A ${step.name} step that is none of ours cannot be written as text.`);
  }
}

/** Device numbers are in the machine's byte order; everything else is in network byte order. */
function valueText(value: string, before: Expression | undefined): string {
  const isDevice = before?.kind === 'meta' && (before.key === 'iif' || before.key === 'oif');
  return isDevice ? String(Buffer.from(value, 'hex').readUInt32LE()) : `0x${value}`;
}
