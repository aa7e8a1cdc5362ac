/** Checks what names and openings promise: one meaning a name, a unit a time, a sentence at the head of a file. */
import { isPackageSource, readSources } from './sources.ts';
import type { SourceFile } from './sources.ts';

/** Names that mean the same in each file that exports them: one shape that a folder of modules shares. */
const shared: ReadonlyMap<string, RegExp> = new Map([
  // The commands of one group; the catalogue loads them by this name.
  ['commands', /^packages\/cli\/src\/commands\//],
]);

/** Whether the sources keep the rules for names; says where they do not. */
export function holdNames(): boolean {
  const files = readSources(['packages', 'test', 'bench', 'quickstart', 'tools']);
  const problems = [...ambiguous(files), ...unopened(files), ...unitless(files)];
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  return problems.length === 0;
}

/** Names that two files of one package export, each with a declaration of its own. */
export function ambiguous(files: readonly SourceFile[]): string[] {
  const declared = new Map<string, Set<string>>();
  // A generated shape declares the type of the schema that it was generated from.
  const written = files.filter(({ path }) => isPackageSource(path) && !path.endsWith('.shape.ts'));
  for (const { path, exports } of written) {
    for (const name of exports) {
      if (shared.get(name)?.test(path) === true) continue;
      const key = `${path.split('/')[1]} ${name}`;
      // A schema and the plain types that are generated from it are one.
      const place = path.replace(/\.(schema|shape)\.ts$/, '');
      declared.set(key, (declared.get(key) ?? new Set()).add(place));
    }
  }
  return [...declared]
    .filter(([, places]) => places.size > 1)
    .map(([key, places]) => `${key} is exported with ${places.size} meanings: ${[...places].join(', ')}`);
}

/** Files that do not open with a sentence that says what they are. */
export function unopened(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ opening }) => !/^[\w`"][\s\S]* [\s\S]*[.:](\s|$)/.test(opening))
    .map(({ path }) => `${path} does not open with a sentence that says what it is`);
}

const time = /(timeout|interval|delay|pause|age|lifetime|validity|deadline|window|period|backoff)$/i;

/** Words that end like a time, ratios, and constants of the kernel that are spelt like one. */
const notTimes = /(page|image|usage|package|storage|message|per[a-z]+)$|^(receiveTimeout|endOfInterval)$/i;

/** Numbers that are times by their name, and do not say in which unit: `connectTimeout` for `connectTimeoutMs`. */
export function unitless(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => isPackageSource(path))
    .flatMap(({ path, numbers }) =>
      numbers
        .filter(({ text }) => time.test(text) && !notTimes.test(text))
        .map(({ text, line }) => `${path}:${line}: ${text} does not say its unit; end it in Ms, Seconds, …`),
    );
}
