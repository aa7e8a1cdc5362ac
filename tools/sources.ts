/** Reads the repository's TypeScript and says what each file imports, exports and names. */
import { readFileSync, readdirSync } from 'node:fs';
import { parseSync } from 'oxc-parser';

/** One import, re-export, dynamic import, worker thread or program. */
export interface Import {
  /** As written: `./peer.ts`, `node:tls`, `@cordon/protocol/channel`. Empty when a dynamic import computes it. */
  readonly specifier: string;
  readonly line: number;
  readonly kind: 'value' | 'type' | 'dynamic' | 'program';
}

/** An identifier, a comment, or a string (text between JSX tags is one, too). */
export interface Text {
  readonly text: string;
  readonly line: number;
  readonly kind: 'name' | 'comment' | 'string';
}

export interface SourceFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly imports: readonly Import[];
  /** What the file itself declares and exports; no re-exports. */
  readonly exports: readonly string[];
  readonly texts: readonly Text[];
  /** The constants that hold a number, or a product of numbers: limits and times, as a rule. */
  readonly numbers: readonly Text[];
  /** The comment that opens the file, without its marks; empty when there is none. */
  readonly opening: string;
  readonly lines: number;
}

/** A breach of a rule about sources. */
export interface Violation {
  readonly path: string;
  readonly line: number;
  /** What was found, and the rule it breaks. */
  readonly problem: string;
}

export const root = new URL('../', import.meta.url);

const skipped = new Set(['node_modules', 'dist', 'build', '.git', '.ci']);

/** Every file below `folder` whose name ends in one of `endings`, in order. */
export function filesUnder(folder: string, endings: readonly string[]): string[] {
  return readdirSync(new URL(`${folder}/`, root), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : filesUnder(path, endings);
      return endings.some((ending) => entry.name.endsWith(ending)) ? [path] : [];
    });
}

/** Reads and parses every TypeScript file below `folders`. */
export function readSources(folders: readonly string[]): SourceFile[] {
  return folders
    .flatMap((folder) => filesUnder(folder, ['.ts', '.tsx']))
    .map((path) => parseSource(path, readFileSync(new URL(path, root), 'utf8')));
}

/** Whether `path` is shipped code: in a package, and not a test. */
export function isPackageSource(path: string): boolean {
  return /^packages\/[^/]+\/src\//.test(path) && !/\.test\.tsx?$/.test(path);
}

/** Parses one file; throws when it is not TypeScript. */
export function parseSource(path: string, text: string): SourceFile {
  const parsed = parseSync(path, text);
  const [error] = parsed.errors;
  if (error !== undefined) throw new Error(`${path} cannot be parsed: ${error.message}`);
  const lineAt = lineFinder(text);
  const imports: Import[] = [];
  const exports: string[] = [];
  for (const one of parsed.module.staticImports) {
    const isType = one.entries.length > 0 && one.entries.every((entry) => entry.isType);
    imports.push({ specifier: one.moduleRequest.value, line: lineAt(one.start), kind: isType ? 'type' : 'value' });
  }
  for (const statement of parsed.module.staticExports) {
    for (const entry of statement.entries) {
      const from = entry.moduleRequest;
      if (from)
        imports.push({ specifier: from.value, line: lineAt(entry.start), kind: entry.isType ? 'type' : 'value' });
      else if (entry.exportName.name !== null) exports.push(entry.exportName.name);
    }
  }
  const texts: Text[] = parsed.comments.map((comment) => ({
    text: comment.value,
    line: lineAt(comment.start),
    kind: 'comment',
  }));
  if (!isNode(parsed.program)) throw new Error(`${path} has no program.`);
  const numbers: Text[] = [];
  walk(parsed.program, (node) => {
    const line = lineAt(node.start);
    see(node, line, imports, texts);
    const name = numberNamed(node);
    if (name !== undefined) numbers.push({ text: name, line, kind: 'name' });
  });
  const lines = text.split('\n').length - 1;
  return { path, imports, exports: [...new Set(exports)], texts, numbers, opening: openingOf(text), lines };
}

type Node = Record<string, unknown> & { readonly type: string; readonly start: number };

function see(node: Node, line: number, imports: Import[], texts: Text[]): void {
  switch (node.type) {
    case 'Identifier':
    case 'JSXIdentifier':
    case 'PrivateIdentifier':
      texts.push({ text: String(node['name']), line, kind: 'name' });
      break;
    case 'Literal':
      // A file that is named outside of an import is started by its name, as a worker thread or a program.
      if (/^\.{1,2}\/[\w./-]+\.tsx?$/.test(literal(node)))
        imports.push({ specifier: literal(node), line, kind: 'program' });
      texts.push({ text: textOf(node), line, kind: 'string' });
      break;
    case 'TemplateElement':
    case 'JSXText':
      texts.push({ text: textOf(node), line, kind: 'string' });
      break;
    case 'CallExpression': {
      // Such a path begins at `src/` of its package.
      const program = threadProgram(node);
      if (program !== undefined) imports.push({ specifier: `src:${program}.ts`, line, kind: 'program' });
      break;
    }
    case 'ImportExpression':
      imports.push({ specifier: literal(node['source']), line, kind: 'dynamic' });
      break;
    case 'TSImportType':
      imports.push({ specifier: literal(node['source']), line, kind: 'type' });
      break;
    default:
  }
}

/** The path that `threadProgram('scanner/sweep/worker')` names. */
function threadProgram({ callee, arguments: given }: Node): string | undefined {
  if (!isNode(callee) || callee['name'] !== 'threadProgram') return undefined;
  return Array.isArray(given) ? literal(given[0]) : undefined;
}

/** The name of `const name = 60 * 1000`. */
function numberNamed(node: Node): string | undefined {
  const { id, init } = node;
  return node.type === 'VariableDeclarator' && isNode(id) && id.type === 'Identifier' && isNode(init) && isNumeric(init)
    ? String(id['name'])
    : undefined;
}

function isNumeric(node: Node): boolean {
  if (node.type === 'Literal') return typeof node['value'] === 'number';
  const { left, right } = node;
  return node.type === 'BinaryExpression' && isNode(left) && isNode(right) && isNumeric(left) && isNumeric(right);
}

function textOf(node: Node): string {
  const value = node['value'];
  if (typeof value === 'string') return value;
  return isRecord(value) && typeof value['cooked'] === 'string' ? value['cooked'] : '';
}

function literal(node: unknown): string {
  return isRecord(node) && typeof node['value'] === 'string' ? node['value'] : '';
}

function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  for (const [key, child] of Object.entries(node)) {
    // What an import names is in `imports` already.
    if (key === 'source') continue;
    for (const one of Array.isArray(child) ? child : [child]) if (isNode(one)) walk(one, visit);
  }
}

function isNode(value: unknown): value is Node {
  return isRecord(value) && typeof value['type'] === 'string' && typeof value['start'] === 'number';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** A `#!` line and what switches a lint rule off may stand before it. */
function openingOf(text: string): string {
  const match = /^(?:#!.*\n)?(?:\/\* oxlint-disable.*\n)*\s*(?:\/\*+([\s\S]*?)\*\/|\/\/(.*))/.exec(text);
  return (match?.[1] ?? match?.[2] ?? '').replace(/^\s*\* ?/gm, '').trim();
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
