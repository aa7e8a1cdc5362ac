/** Orders the test files: the longest first, so that no worker idles at the end. */
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** Whole installations take minutes and come first; unit tests take seconds and fill the end. */
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
