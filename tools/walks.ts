/** Checks the walks of docs/lifecycle.md against the sources: each file exists, and each arrow is an import. */
import { resolve } from './import-graph.ts';
import type { SourceFile } from './sources.ts';

/** One line of a walk. */
export interface Step {
  readonly walk: string;
  readonly line: number;
  /** Spaces in front of it. */
  readonly depth: number;
  /**
   * `→` the next file above that stands further left imports this one; `←` this one imports the next file above that
   * stands no further right; `═` a process, a wire, a commit or an event lies between.
   */
  readonly mark: string;
  readonly path: string;
}

/** The steps of every walk: lines of a code block that hold a mark and a path. */
export function stepsIn(page: string): Step[] {
  let walk = '';
  return page.split('\n').flatMap((text, index) => {
    walk = /^## (.*)/.exec(text)?.[1] ?? walk;
    const match = /^( *)(?:([→←═]) )?(packages\/\S+\.tsx?)\b/.exec(text);
    if (match === null) return [];
    const [, spaces = '', mark = '', path = ''] = match;
    return [{ walk, line: index + 1, depth: spaces.length, mark, path }];
  });
}

/** What is drawn and is not so. */
export function wrongSteps(steps: readonly Step[], files: readonly SourceFile[]): string[] {
  const imports = new Map(
    files.map(({ path, imports: all }) => [path, new Set(all.map(({ specifier }) => resolve(path, specifier)))]),
  );
  const isImported = (from: string, to: string): boolean => imports.get(from)?.has(to) === true;
  return steps.flatMap((step, index) => {
    const at = `docs/lifecycle.md:${step.line}`;
    if (!imports.has(step.path)) return [`${at}: ${step.path} does not exist`];
    const above = steps.slice(0, index).filter(({ walk }) => walk === step.walk);
    if (above.length === 0 || step.mark === '═') return [];
    const isReached = step.mark === '→';
    const other = above.findLast(({ depth }) => (isReached ? depth < step.depth : depth <= step.depth));
    if (other === undefined || step.mark === '') return [`${at}: ${step.path} has no way from the file above it`];
    const [from, to] = isReached ? [other.path, step.path] : [step.path, other.path];
    return isImported(from, to) ? [] : [`${at}: ${from} does not import ${to}`];
  });
}
