/**
 * Writes tables as nft(8) reads them, for kernels or sandboxes that refuse our own netlink batch.
 *
 * Made from the same data as the batch, and in raw loads instead of protocol words, so that nft adds nothing of its
 * own: what the kernel then holds is, step by step, the same.
 */
import type { Chain, Comparison, Expression, Family, RejectWith, Rule, Table } from '../kernel/tables.ts';

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

/** Replaces whatever Cordon holds in `families` by these tables, in one transaction. Without owner: nft ends at once. */
export function nftText(tables: readonly Table[], families: readonly Family[], name: string): string {
  const removals = families.map((family) => `add table ${family} ${name}\ndelete table ${family} ${name}\n`);
  return [...removals, ...tables.map(tableText)].join('');
}

function tableText({ family, name, chains }: Table): string {
  return `table ${family} ${name} {\n${chains.map(chainText).join('')}}\n`;
}

function chainText({ name, type, hook, devices, priority, policy, rules }: Chain): string {
  const where = devices.length === 0 ? '' : ` devices = { ${devices.map((device) => `"${device}"`).join(', ')} }`;
  const head = `type ${type} hook ${hook}${where} priority ${priority}; policy ${policy};`;
  return `  chain ${name} {\n    ${head}\n${rules.map((rule) => `    ${ruleText(rule)}\n`).join('')}  }\n`;
}

function ruleText(rule: Rule): string {
  return rule.map((step, index) => stepText(step, rule[index - 1])).join(' ');
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
    case 'foreign':
      throw new Error(`A ${step.name} step that is none of ours cannot be written as text.`);
  }
}

/** Device numbers are in the byte order of the machine; everything else reads from left to right. */
function valueText(value: string, before: Expression | undefined): string {
  const isDevice = before?.kind === 'meta' && (before.key === 'iif' || before.key === 'oif');
  return isDevice ? String(Buffer.from(value, 'hex').readUInt32LE()) : `0x${value}`;
}
