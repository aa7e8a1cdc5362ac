/** Every file and folder that a page or a comment names exists. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { filesUnder, readSources, root } from '../../tools/sources.ts';

/** A path from the root of the repository. What stands for many (`*`, `<room>`, `…`) names none. */
const named = /(?<![\w./@-])((?:packages|docs|test|tools|bench|quickstart)\/[\w./{},-]*[\w/])(?![\w*<…(-])/g;

function missing(text: string): string[] {
  const paths = [...text.matchAll(named)].map((match) => match[1] ?? '').filter((path) => !/[{}]/.test(path));
  return paths.filter((path) => !exists(path));
}

/** A decision is cited by its number alone. */
function exists(path: string): boolean {
  return existsSync(new URL(path, root)) || /^docs\/decisions\/\d{4}$/.test(path);
}

describe('a path that is named', () => {
  it('in a page exists', () => {
    const pages = filesUnder('.', ['.md']);
    const broken = pages.flatMap((page) =>
      missing(readFileSync(new URL(page, root), 'utf8')).map((path) => `${page}: ${path}`),
    );
    expect(broken).toEqual([]);
  });

  it('in a comment exists', () => {
    const broken = readSources(['packages', 'test', 'bench', 'quickstart', 'tools']).flatMap(({ path, texts }) =>
      texts
        .filter(({ kind }) => kind === 'comment')
        .flatMap(({ text, line }) => missing(text).map((gone) => `${path}:${line}: ${gone}`)),
    );
    expect(broken).toEqual([]);
  });

  it('and does not exist is noticed', () => {
    expect(missing('See `packages/agent/src/nowhere.ts`, and docs/decisions/0002.')).toEqual([
      'packages/agent/src/nowhere.ts',
    ]);
    expect(missing('a file of `packages/<name>/src`, `test/**`')).toEqual([]);
  });
});
