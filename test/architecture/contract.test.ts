/** Every citation of the Automation API contract points at something in docs/protocol/contract.md. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { citable, citations } from '../../tools/citations.ts';
import { filesUnder, root } from '../../tools/sources.ts';

const contract = readFileSync(new URL('docs/protocol/contract.md', root), 'utf8');
const targets = citable(contract);

describe('the contract', () => {
  it('numbers its sections and its rules', () => {
    expect([...targets]).toEqual(expect.arrayContaining(['1', '1.4', '2.3', '3.8', '3.12', '6.9', '8', '8, rule 26']));
    expect(targets.has('9')).toBe(false);
  });

  it('is cited only where it has something to say', () => {
    const own = new Set(['test/architecture/contract.test.ts', 'tools/citations.ts']);
    const files = filesUnder('.', ['.ts', '.tsx', '.md', '.json', '.py']).filter((path) => !own.has(path));
    const cited = files.flatMap((path) =>
      citations(readFileSync(new URL(path, root), 'utf8')).map((target) => ({ path, target })),
    );
    expect(cited.length).toBeGreaterThan(50);
    expect(cited.filter(({ target }) => !targets.has(target))).toEqual([]);
  });
});

describe('a citation', () => {
  it.each([
    ['(contract 1.4)', ['1.4']],
    ['(contract 1.2-1.4)', ['1.2', '1.3', '1.4']],
    ['(contract 3.6, 4.5; 8, rules 4 and 10)', ['3.6', '4.5', '8, rule 4', '8, rule 10']],
    ['the rule (contract 8,\n * rule 99)', ['8, rule 99']],
    ['Contract 2.1.', ['2.1']],
    ['by contract or by law', []],
  ])('%s is read', (text, expected) => {
    expect(citations(text)).toEqual(expected);
  });

  it('of a rule that does not exist is noticed', () => {
    expect(citations('(contract 8, rule 99)').filter((target) => !targets.has(target))).toEqual(['8, rule 99']);
  });
});
