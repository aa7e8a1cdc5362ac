/** Finds words that docs/glossary.md retired, in names, comments, texts and pages. */
import { readFileSync } from 'node:fs';
import { filesUnder, readSources, root } from './sources.ts';
import type { Text } from './sources.ts';

/** A word or phrase that is no longer ours. */
export interface Retired {
  /** In lower case; a phrase has spaces. Every form is listed, because "told" is not found by "tell". */
  readonly forms: readonly string[];
  /** What is written in its place; docs/glossary.md has the meaning. */
  readonly use: string;
  /** `names` where the word is plain English elsewhere. */
  readonly where: 'everywhere' | 'names';
}

const everywhere = (forms: string, use: string): Retired => ({ forms: forms.split(', '), use, where: 'everywhere' });
const inNames = (forms: string, use: string): Retired => ({ forms: forms.split(', '), use, where: 'names' });

export const retired: readonly Retired[] = [
  everywhere('wish, wishes, wished', 'desired state'),
  inNames('wanted', 'desired'),
  everywhere('standing order, standing orders, order key', 'desired state, signing key'),
  everywhere('carry out, carries out, carried out, carrying out', 'reconcile, apply, run'),
  everywhere('bring about, brings about, brought about', 'reconcile, apply'),
  inNames('standing', 'status, reported state'),
  everywhere('tell, tells, told, telling', 'publish, notify, send, say'),
  inNames('news, hear, hears, heard', 'event, subscribe, receive'),
  everywhere('bite, bites, biting', 'object enforcement, enforce'),
  everywhere('sighting, sightings', 'detection, match'),
  inNames('finding, findings, met', 'detection, match'),
  everywhere('vault, vaults', 'quarantine (files), sealing (secrets)'),
  everywhere('shield, shields, shielded, shielding', 'protected files, exempt addresses, listing safety'),
  everywhere('spared', 'exempt'),
  inNames('verdicts', 'digest cache'),
  everywhere('desk', 'pending events'),
  inNames('door', 'socket, server'),
  inNames('birth, bury, buried, hopeless, calm', 'init, exit, crash loop, grace period'),
  inNames('surroundings, fitted', 'dependencies, truncated'),
  inNames('people, turns, tries, proofs', 'accounts, queue, throttle, credentials'),
  everywhere('journey', 'delivery cursor'),
  inNames('sentence, sentences', 'message'),
  everywhere('patience', 'timeout, with its unit in the name'),
  everywhere('whom, whoever', 'who, which, a verb with a subject'),
  everywhere('anew', 'again'),
  inNames('lifted', 'released'),
  everywhere('came of it, comes of it, came of them, for good, of before', 'result, permanently, previous'),
  everywhere('looks on', 'is read-only'),
  inNames('evaluation', 'quickstart'),
];

/** Where a retired word stands for something else, and why it stays. */
const allowed: readonly { readonly path: RegExp; readonly form: RegExp; readonly why: string }[] = [
  { path: /^docs\/glossary\.md$/, form: /./, why: 'it lists the retired words' },
  { path: /^docs\/decisions\/0010-/, form: /./, why: 'it quotes what it replaced' },
  { path: /^(tools\/words\.ts|test\/architecture\/words\.test\.ts)$/, form: /./, why: 'the list itself, and its test' },
];

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly form: string;
  readonly use: string;
}

/** Whether no retired word is left; says where one is. */
export function holdWords(): boolean {
  const found = retiredWords();
  for (const { path, line, form, use } of found)
    process.stderr.write(`${path}:${line}: "${form}" is retired; write: ${use}\n`);
  return found.length === 0;
}

/** Every retired word in the repository. */
export function retiredWords(): Finding[] {
  const sources = readSources(['packages', 'test', 'bench', 'quickstart', 'tools']).flatMap(({ path, texts }) =>
    texts.flatMap((text) => retiredIn(text).map(([form, use]) => ({ path, line: text.line, form, use }))),
  );
  const pages = filesUnder('.', ['.md', '.service', '.target', '.html']).flatMap((path) =>
    readFileSync(new URL(path, root), 'utf8')
      .split('\n')
      .flatMap((text, index) =>
        retiredIn({ text, line: index + 1, kind: 'comment' }).map(([form, use]) => ({
          path,
          line: index + 1,
          form,
          use,
        })),
      ),
  );
  return [...sources, ...pages].filter(
    ({ path, form }) => !allowed.some((one) => one.path.test(path) && one.form.test(form)),
  );
}

/** The retired words of one name or text, each with what to write. */
export function retiredIn({ text, kind }: Text): [form: string, use: string][] {
  const words = ` ${wordsOf(text).join(' ')} `;
  return retired
    .filter(({ where }) => kind === 'name' || where === 'everywhere')
    .flatMap(({ forms, use }) =>
      forms.filter((form) => words.includes(` ${form} `)).map((form): [string, string] => [form, use]),
    );
}

/** `orderKeyOf` is order, key, of. Text is split likewise, since comments quote names. */
function wordsOf(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.toLowerCase());
}

if (import.meta.main) {
  const counts = new Map<string, number>();
  const [, , only = ''] = process.argv;
  for (const { path, line, form } of retiredWords()) {
    counts.set(form, (counts.get(form) ?? 0) + 1);
    if (path.startsWith(only) && only !== '') process.stdout.write(`${path}:${line}: ${form}\n`);
  }
  for (const [form, count] of counts) process.stdout.write(`${String(count).padStart(6)} ${form}\n`);
}
