/**
 * Writes docs/tested-on.md from a whole run of the matrix: what was tried on which machine, and what was seen. A run of a
 * part leaves the page as it is.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

const page = fileURLToPath(new URL('../../../docs/tested-on.md', import.meta.url));

/** The files `*.matrix.ts` beside this one. */
const matrixFiles = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.matrix.ts')).length;

declare module 'vitest' {
  interface TaskMeta {
    /** What the machine says of itself: kernel, systemd, how far the isolation reaches. */
    facts?: Readonly<Record<string, string>>;
  }
}

export default class TestedOn implements Reporter {
  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const isWhole = modules.length === matrixFiles && tests.every((test) => test.result().state !== 'skipped');
    if (isWhole) writeFileSync(page, await format(pageOf(tests), { ...(await resolveConfig(page)), filepath: page }));
  }
}

function pageOf(tests: readonly TestCase[]): string {
  const machines = [...Map.groupBy(tests, (test) => (test.parent.type === 'suite' ? test.parent.name : ''))];
  return `# Tested on

Written by \`npm run test:machines\` on ${new Date().toISOString().slice(0, 10)}: whole machines, emulated, each with its own kernel, and the packages
of this checkout. Every frame that a machine sends is captured outside it.

${machines.map(([name, of]) => sectionOf(name, of)).join('\n')}`;
}

function sectionOf(name: string, tests: readonly TestCase[]): string {
  const facts = Object.assign({}, ...tests.map((test) => test.meta().facts ?? {}));
  const known = Object.entries(facts).map(([fact, value]) => `${fact} ${String(value)}`);
  return `## ${name}
${known.length > 0 ? `\n${known.join(', ')}.\n` : ''}
| tried | seen | seconds |
| --- | --- | --- |
${tests.map((test) => `| ${test.name} | ${seen(test)} | ${Math.round((test.diagnostic()?.duration ?? 0) / 1000)} |`).join('\n')}
`;
}

function seen(test: TestCase): string {
  const { state, errors } = test.result();
  if (state === 'passed') return 'yes';
  const [first = 'it did not end'] = (errors?.[0]?.message ?? '').split('\n');
  return `**no**: ${first.replaceAll('|', '\\|').slice(0, 200)}`;
}
