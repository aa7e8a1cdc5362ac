/**
 * Writes tables down in one canonical way, for people and for digests.
 *
 * The desired tables and the kernel's are both brought into this form. It leaves out handles, counters and the sequence
 * in which the kernel happens to list tables and chains, but not the sequence of rules. The content of a set is
 * compared separately: it may be long, and changes by itself.
 */
import { createHash } from 'node:crypto';
import type { Chain, Comparison, Expression, Rule, Table } from './tables.ts';

const signs: { readonly [C in Comparison]: string } = {
  equal: '=',
  different: '!=',
  'at-most': '<=',
  'at-least': '>=',
};

export function canonicalText(tables: readonly Table[]): string {
  return tables.map(tableText).sort().join('');
}

/** SHA-256 of the canonical text, lower-case hex. */
export function digestOf(tables: readonly Table[]): string {
  return createHash('sha256').update(canonicalText(tables)).digest('hex');
}

function tableText(table: Table): string {
  const flags = table.flags.length === 0 ? '' : ` flags ${[...table.flags].sort().join(',')}`;
  const sets = (table.sets ?? []).map(({ name, version }) => `  set ${name} ${version}\n`).sort();
  return `table ${table.family} ${table.name}${flags}\n${[...sets, ...table.chains.map(chainText).sort()].join('')}`;
}

function chainText(chain: Chain): string {
  const devices = chain.devices.length === 0 ? '' : ` devices ${[...chain.devices].sort().join(',')}`;
  const hook = `type ${chain.type} hook ${chain.hook}${devices} priority ${chain.priority} policy ${chain.policy}`;
  return `  chain ${chain.name} ${hook}\n${chain.rules.map((rule) => `    ${ruleText(rule)}\n`).join('')}`;
}

function ruleText(rule: Rule): string {
  return rule.map(stepText).join(' ');
}

// oxlint-disable-next-line typescript/consistent-return -- the compiler checks that the switch is whole
function stepText(step: Expression): string {
  switch (step.kind) {
    case 'meta':
      return step.key;
    case 'payload':
      return `${step.base}[${step.offset}+${step.length}]`;
    case 'mask':
      return `& ${step.mask}`;
    case 'compare':
      return `${signs[step.is]} ${step.value}`;
    case 'counter':
      return 'counter';
    case 'verdict':
      return step.verdict;
    case 'reject':
      return `reject ${step.with}`;
    case 'lookup':
      return `in ${step.set}`;
    case 'limit':
      return `limit ${step.perSecond}/s burst ${step.burst}`;
    case 'log':
      return `log ${step.group}+${step.bytes} "${step.prefix}"`;
    case 'foreign':
      return `foreign ${step.name} ${step.data}`;
  }
}
