/** Prints the result as the last line of a run: `N passed, N failed, N skipped`. */
import type { Reporter, TestModule } from 'vitest/node';

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

export default class SummaryLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tally: Tally = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) count(module, tally);
    // On exit, after all other reporters, so that it is the last line.
    process.on('exit', () => {
      process.stdout.write(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped\n`);
    });
  }
}

function count(module: TestModule, tally: Tally): void {
  let tests = 0;
  for (const test of module.children.allTests()) {
    tests += 1;
    const { state } = test.result();
    if (state === 'pending') tally.failed += 1;
    else tally[state] += 1;
  }
  // A file that could not be loaded has no tests, and is a failure all the same.
  if (module.state() === 'failed' && tests === 0) tally.failed += 1;
}
