/** The text of one generated file: an interface and a shape for each schema of a module. */
import { moduleName } from './modules.ts';
import type { Named, Schema, SchemaModules } from './modules.ts';

interface Writer {
  readonly comment: (path: string) => string | undefined;
  /** The exported schema by whose name to refer to this one; undefined for one that is written out. */
  readonly named: (schema: Schema, at: string) => string | undefined;
  readonly bases: (schema: Schema, name: string) => readonly Named[];
  readonly combinator: (name: string) => string;
}

/** `used`: the names of the schemas that something reads by; the others get a type only. */
export function textOf(modules: SchemaModules, file: string, used: ReadonlySet<string>): string {
  const { schemas } = modules.moduleOf(file);
  const imports = new Map<string, Set<string>>();
  const combinators = new Set<string>();
  const refer = (found: Named | undefined): string | undefined => {
    const module = found === undefined ? undefined : moduleName(found.file, file);
    if (found !== undefined && module !== undefined) {
      imports.set(module, (imports.get(module) ?? new Set()).add(found.name));
    }
    return found?.name;
  };
  const writer: Writer = {
    comment: (path) => modules.commentAt(file, path),
    named: (schema, at) => refer(modules.named(schema, file, at)),
    bases: (schema, name) => modules.bases(schema, file, name).filter((base) => refer(base) !== undefined),
    combinator: (name) => {
      combinators.add(name);
      return name;
    },
  };
  const declarations = schemas
    .map(([name, schema]) => declarationOf(writer, { name, schema, isUsed: used.has(name) }))
    .join('\n');
  const shapeModule = file.startsWith('packages/protocol/')
    ? `${'../'.repeat(file.split('/').length - 4)}shape/shape.ts`
    : '@cordon/protocol/shape';
  const mentioned = (names: string[]): string[] =>
    names.filter((name) => new RegExp(`\\b${name}\\b`).test(declarations));
  const values = [...imports].map(([module, names]) => {
    const shapes = mentioned([...names].sort().map(shapeName));
    const types = mentioned([...names].sort());
    return (
      (shapes.length > 0 ? `import { ${shapes.join(', ')} } from '${module}';\n` : '') +
      (types.length > 0 ? `import type { ${types.join(', ')} } from '${module}';\n` : '')
    );
  });
  const source = file.split('/').at(-1) ?? file;
  const own =
    combinators.size === 0
      ? ''
      : `import { ${[...combinators].sort().join(', ')} } from '${shapeModule}';
import type { Shape } from '${shapeModule}';
`;
  return `/** Generated from ${source} by tools/shapes.ts; "npm run shapes" writes it again. */
${own}${values.join('')}
${declarations}`;
}

/** These schemas and all that their shapes refer to. */
export function withReferences(modules: SchemaModules, names: Iterable<string>): Set<string> {
  const all = new Set<string>();
  const add = (name: string | undefined): string | undefined => {
    const found = name === undefined || all.has(name) ? undefined : modules.byName(name);
    if (found === undefined) return name;
    const { file, schema } = found;
    all.add(found.name);
    shapeText(
      {
        comment: () => undefined,
        named: (each, at) => add(modules.named(each, file, at)?.name),
        bases: (each) => modules.bases(each, file, found.name).filter((base) => add(base.name) !== undefined),
        combinator: (combinator) => combinator,
      },
      { schema, at: found.name, own: true },
    );
    return name;
  };
  for (const name of names) add(name);
  return all;
}

function declarationOf(
  writer: Writer,
  { name, schema, isUsed }: { name: string; schema: Schema; isUsed: boolean },
): string {
  const comment = commentOf(writer, name);
  const place = { schema, at: name, own: true };
  const bases = writer.bases(schema, name);
  const inherits = bases.length === 0 ? '' : `extends ${bases.map((base) => base.name).join(', ')} `;
  const type =
    schema.properties === undefined
      ? `export type ${name} = ${typeText(writer, place)};`
      : `export interface ${name} ${inherits}${fieldsType(writer, place, bases)}`;
  const shape = isUsed ? `export const ${shapeName(name)}: Shape<${name}> = ${shapeText(writer, place)};\n` : '';
  return `${comment}${type}\n${shape}`;
}

export function shapeName(name: string): string {
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}Shape`;
}

/** A schema, the path of its comments, and whether it is written out although it has a name. */
interface Place {
  readonly schema: Schema;
  readonly at: string;
  readonly own?: boolean;
}

function typeText(writer: Writer, { schema, at, own = false }: Place): string {
  const name = own ? undefined : writer.named(schema, at);
  if (name !== undefined) return name;
  if (schema.anyOf !== undefined)
    return memberPlaces(schema, at)
      .map((each) => typeText(writer, each))
      .join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((word) => JSON.stringify(word)).join(' | ');
  if (schema.patternProperties !== undefined) {
    return `Record<string, ${typeText(writer, { schema: valuesOf(schema.patternProperties), at })}>`;
  }
  switch (schema.type) {
    case 'object':
      return fieldsType(writer, { schema, at }, []);
    case 'array':
      return `(${typeText(writer, { schema: itemsOf(schema), at })})[]`;
    case 'integer':
      return 'number';
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return schema.type;
    case undefined:
      break;
  }
  throw new Error(`The schema at ${at} has no type.`);
}

function fieldsType(writer: Writer, { schema, at }: Place, bases: readonly Named[]): string {
  const fields = ownFields(schema, bases).map(([field, each]) => {
    const path = `${at}.${field}`;
    const mark = schema.required?.includes(field) === true ? '' : '?';
    const type = typeText(writer, { schema: each, at: path });
    return `${commentOf(writer, path)}${JSON.stringify(field)}${mark}: ${type};\n`;
  });
  // On one line, where prettier leaves what fits, unless a comment needs its own.
  const text = fields.join('');
  return `{${text.includes('\n/**') || text.startsWith('/**') ? '\n' : ' '}${text}}`;
}

/** The members of a union, whose comments are numbered if there are several besides null. */
function memberPlaces(schema: Schema, at: string): Place[] {
  const members = schema.anyOf ?? [];
  const several = members.filter((each) => each.type !== 'null').length > 1;
  return members.map((each, index) => ({ schema: each, at: several ? `${at}[${index}]` : at }));
}

/** The fields that no base has. */
function ownFields(schema: Schema, bases: readonly Named[]): [string, Schema][] {
  return Object.entries(schema.properties ?? {}).filter(
    ([field]) => !bases.some((base) => Object.hasOwn(base.schema.properties ?? {}, field)),
  );
}

function commentOf(writer: Writer, at: string): string {
  const comment = writer.comment(at);
  return comment === undefined ? '' : `${comment}\n`;
}

function shapeText(writer: Writer, { schema, at, own = false }: Place): string {
  const name = own ? undefined : writer.named(schema, at);
  if (name !== undefined) return shapeName(name);
  const call = (combinator: string, ...values: (string | undefined)[]): string =>
    `${writer.combinator(combinator)}(${values.filter((each) => each !== undefined).join(', ')})`;
  if (schema.anyOf !== undefined) return unionText(writer, { schema, at }, call);
  if (schema.const !== undefined) return call('oneOf', JSON.stringify([schema.const]));
  if (schema.enum !== undefined) return wordsText(schema.enum, schema, call);
  if (schema.patternProperties !== undefined) {
    return call('record', shapeText(writer, { schema: valuesOf(schema.patternProperties), at }));
  }
  switch (schema.type) {
    case 'object':
      return objectText(writer, { schema, at }, { bases: own ? writer.bases(schema, at) : [], call });
    case 'array':
      return call(
        'list',
        shapeText(writer, { schema: itemsOf(schema), at }),
        limits({ min: schema.minItems, max: schema.maxItems }),
      );
    case 'string':
      return call('text', limits({ min: schema.minLength, max: schema.maxLength, pattern: schema.pattern }));
    case 'integer':
    case 'number':
      return call(schema.type, limits({ min: schema.minimum, max: schema.maximum }));
    case 'boolean':
      return call('boolean');
    case 'null':
    case undefined:
      break;
  }
  throw new Error('A null stands in a union only.');
}

function objectText(
  writer: Writer,
  { schema, at }: Place,
  { bases, call }: { bases: readonly Named[]; call: Call },
): string {
  const inherited = bases.map((base) => `...${call('fieldsOf', shapeName(base.name))}`);
  const own = ownFields(schema, bases).map(([field, each]) => {
    const shape = shapeText(writer, { schema: each, at: `${at}.${field}` });
    const sent = each.mustBeSent === true ? call('mustBeSent', shape) : shape;
    return `${JSON.stringify(field)}: ${schema.required?.includes(field) === true ? sent : call('optional', sent)}`;
  });
  const closed = schema.additionalProperties === false ? '{ closed: true }' : undefined;
  // On one line, where prettier leaves what fits.
  return call('object', `{ ${[...inherited, ...own].join(', ')} }`, closed);
}

type Call = (combinator: string, ...values: (string | undefined)[]) => string;

function unionText(writer: Writer, { schema, at }: Place, call: Call): string {
  const all = memberPlaces(schema, at);
  const rest = all.filter((each) => each.schema.type !== 'null');
  const words = rest.flatMap((each) => each.schema.const ?? []);
  const inner =
    words.length === rest.length
      ? wordsText(words, schema, call)
      : rest.length === 1
        ? rest.map((each) => shapeText(writer, each)).join('')
        : call('anyOf', ...rest.map((each) => shapeText(writer, each)));
  return rest.length === all.length ? inner : call('nullable', inner);
}

function wordsText(words: readonly (string | number | boolean)[], schema: Schema, call: Call): string {
  if (schema.open === true) return call('openOneOf', JSON.stringify(words));
  return call(
    'oneOf',
    JSON.stringify(words),
    schema.unknown === undefined ? undefined : JSON.stringify(schema.unknown),
  );
}

function limits(values: Readonly<Record<string, string | number | undefined>>): string | undefined {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  if (given.length === 0) return undefined;
  return `{ ${given.map(([name, value]) => `${name}: ${numberText(value)}`).join(', ')} }`;
}

/** As the lint wants numbers: in groups of three. */
function numberText(value: string | number | undefined): string {
  if (typeof value !== 'number') return JSON.stringify(value);
  if (value === Number.MAX_SAFE_INTEGER) return 'Number.MAX_SAFE_INTEGER';
  return Math.abs(value) < 10_000 ? String(value) : String(value).replaceAll(/\B(?=(\d{3})+$)/g, '_');
}

function itemsOf(schema: Schema): Schema {
  if (schema.items === undefined) throw new Error('A list says nothing of its items.');
  return schema.items;
}

function valuesOf(patterns: Readonly<Record<string, Schema>>): Schema {
  const [values] = Object.values(patterns);
  if (values === undefined) throw new Error('A record says nothing of its values.');
  return values;
}
