/** The walks of docs/lifecycle.md, drawn with real files: each exists, and each arrow is an import. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseSource, readSources, root } from '../../tools/sources.ts';
import { stepsIn, wrongSteps } from '../../tools/walks.ts';

const steps = stepsIn(readFileSync(new URL('docs/lifecycle.md', root), 'utf8'));

describe('docs/lifecycle.md', () => {
  it('draws its walks with files', () => {
    expect(new Set(steps.map(({ walk }) => walk)).size).toBeGreaterThanOrEqual(3);
    expect(steps.length).toBeGreaterThan(50);
  });

  it('draws them as they are', () => {
    expect(wrongSteps(steps, readSources(['packages']))).toEqual([]);
  });
});

describe('a walk', () => {
  const files = [
    parseSource('packages/a/src/one.ts', `import { two } from './two.ts';`),
    parseSource('packages/a/src/two.ts', ''),
  ];
  const drawn = (...lines: string[]): string[] => wrongSteps(stepsIn(['## A walk', ...lines].join('\n')), files);

  it('goes along imports, back along them, and over boundaries', () => {
    expect(drawn('packages/a/src/one.ts', '  → packages/a/src/two.ts  does it')).toEqual([]);
    expect(drawn('packages/a/src/two.ts', '← packages/a/src/one.ts')).toEqual([]);
    expect(drawn('packages/a/src/two.ts', '═ packages/a/src/one.ts')).toEqual([]);
  });

  it('with a file that is not there is refused', () => {
    expect(drawn('packages/a/src/one.ts', '  → packages/a/src/three.ts')).toHaveLength(1);
  });

  it('with an arrow that no import has is refused', () => {
    expect(drawn('packages/a/src/two.ts', '  → packages/a/src/one.ts')).toHaveLength(1);
    expect(drawn('packages/a/src/one.ts', '← packages/a/src/two.ts')).toHaveLength(1);
    expect(drawn('packages/a/src/one.ts', 'packages/a/src/two.ts')).toHaveLength(1);
  });
});
