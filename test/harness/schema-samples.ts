/** Values that fit a schema, or nearly do: for tests. */
import * as fc from 'fast-check';

/** The part of JSON Schema that our schemas use. */
interface Node {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Node[];
}

/** One value in three has something that does not belong there. */
export function sampleOf(schema: object): fc.Arbitrary<unknown> {
  return fc.oneof(fitting(schema), fitting(schema), nearly(schema, fitting));
}

function nearly(node: Node, rest: (inner: Node) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const fields = Object.entries(node.properties ?? {});
  const odd = fc.constantFrom<unknown>(
    undefined,
    null,
    '',
    'ünïcode 😀',
    -1,
    0.5,
    1e300,
    true,
    [],
    {},
    [1],
    'x'.repeat(300),
  );
  if (fields.length === 0) return fc.oneof(odd, fitting(node));
  return fc.tuple(rest(node), fc.nat(fields.length - 1)).chain(([value, at]) => {
    const [name, inner] = fields[at] ?? ['', {}];
    return fc.oneof(odd, nearly(inner, fitting)).map((other) => withField(value, name, other));
  });
}

function withField(value: unknown, name: string, field: unknown): unknown {
  return typeof value === 'object' && value !== null ? Object.assign({}, value, { [name]: field }) : value;
}

/** Made once for each node and pattern: fast-check takes milliseconds to make one, and is asked thousands of times. */
const [made, matching] = [new WeakMap<Node, fc.Arbitrary<unknown>>(), new Map<string, fc.Arbitrary<string>>()];

function fitting(node: Node): fc.Arbitrary<unknown> {
  const known = made.get(node) ?? fits(node);
  made.set(node, known);
  return known;
}

function fitsPattern(pattern: string): fc.Arbitrary<string> {
  const known = matching.get(pattern) ?? fc.stringMatching(new RegExp(pattern));
  matching.set(pattern, known);
  return known;
}

function fits(node: Node): fc.Arbitrary<unknown> {
  if (node.anyOf !== undefined) return fc.oneof(...node.anyOf.map(fitting));
  if ('const' in node) return fc.constant(node.const);
  if (node.enum !== undefined) return fc.constantFrom(...node.enum);
  if (node.patternProperties !== undefined) {
    const [values = {}] = Object.values(node.patternProperties);
    return fc.dictionary(fitsPattern('^[a-z]{1,8}$'), fitting(values), { maxKeys: 3, noNullPrototype: true });
  }
  switch (node.type) {
    case 'object': {
      const model = Object.fromEntries(
        Object.entries(node.properties ?? {}).map(([name, each]) => [name, fitting(each)]),
      );
      return fc.record(model, { requiredKeys: [...(node.required ?? [])], noNullPrototype: true });
    }
    case 'array': {
      const min = node.minItems ?? 0;
      return fc.array(fitting(node.items ?? {}), {
        minLength: min,
        maxLength: Math.min(node.maxItems ?? min + 3, min + 3),
      });
    }
    case 'string':
      if (node.pattern !== undefined) return fitsPattern(node.pattern);
      return fc.string({
        unit: 'binary',
        minLength: node.minLength ?? 0,
        maxLength: Math.min(node.maxLength ?? 20, (node.minLength ?? 0) + 20),
      });
    case 'integer':
      return fc.integer({ min: node.minimum ?? -5, max: Math.min(node.maximum ?? 1e9, 2 ** 31 - 1) });
    case 'number':
      return fc.double({ min: node.minimum ?? -5, max: node.maximum ?? 5, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case undefined:
    default:
      return fc.constant(null);
  }
}
