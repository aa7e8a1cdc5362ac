/** Reads the source of a schema module: its exports in their order, the comments, and the schemas that it refers to. */
import { parseSync } from 'oxc-parser';

export interface Source {
  readonly exports: readonly string[];
  /** By `Name` and `Name.field.field`; the members of a union are numbered, `Name[0].field`. */
  readonly comments: ReadonlyMap<string, string>;
  /** Schemas whose fields a schema repeats, by the path of the one that repeats them. */
  readonly origins: ReadonlyMap<string, readonly string[]>;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [name: string]: unknown;
}

export function readSource(text: string): Source {
  const { program, comments } = parseSync('schema.ts', text);
  const found = { exports: [] as string[], comments: new Map<string, string>(), origins: new Map<string, string[]>() };
  const note = (path: string, start: number): void => {
    const comment = comments.find(
      ({ type, end }) => type === 'Block' && end <= start && text.slice(end, start).trim() === '',
    );
    if (comment?.value.startsWith('*') === true) found.comments.set(path, `/*${comment.value}*/`);
  };
  const walk = (path: string, node: unknown): void => {
    if (!isNode(node)) return;
    if (node.type === 'Property') {
      const inner = `${path}.${keyOf(node['key'])}`;
      note(inner, node.start);
      walk(inner, node['value']);
    } else if (node.type === 'ArrayExpression') {
      const members = nodesOf(node['elements']).filter((each) => !text.slice(each.start).startsWith('Type.Null()'));
      members.forEach((each, index) => walk(members.length > 1 ? `${path}[${index}]` : path, each));
    } else if (node.type === 'Identifier' || node.type === 'MemberExpression') {
      const name = /^([A-Z]\w*)(\.properties)?\b/.exec(text.slice(node.start))?.[1];
      if (name !== undefined && name !== 'Type') found.origins.set(path, [...(found.origins.get(path) ?? []), name]);
    } else {
      for (const inside of [node['arguments'], node['properties'], [node['argument']]]) {
        for (const each of nodesOf(inside)) walk(path, each);
      }
    }
  };
  for (const statement of program.body) {
    if (statement.type !== 'ExportNamedDeclaration' || statement.declaration?.type !== 'VariableDeclaration') continue;
    for (const { id, init } of statement.declaration.declarations) {
      if (id.type !== 'Identifier') continue;
      found.exports.push(id.name);
      note(id.name, statement.start);
      walk(id.name, init);
    }
  }
  return found;
}

function nodesOf(value: unknown): Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function keyOf(key: unknown): string {
  return isNode(key) ? String(key['name'] ?? key['value']) : '';
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
