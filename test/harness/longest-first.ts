/** Orders the files of a run: whole installations first, so that nothing long is left for the end. */
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** By what a file starts: a run may end on files that take seconds, never on one that takes a minute. */
const folders = [
  'test/walks/',
  'test/agent/',
  'test/console/',
  'test/scanner/',
  'test/on-access/',
  'test/',
  'packages/',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const root = `${this.ctx.config.root}/`;
    const rank = ({ moduleId }: TestSpecification): number =>
      folders.findIndex((folder) => moduleId.slice(root.length).startsWith(folder));
    return files.toSorted((one, other) => rank(one) - rank(other) || one.moduleId.localeCompare(other.moduleId));
  }
}
