/** The text of one generated file: an interface and a shape for each schema of a module. */
import type { Schema, SchemaModules } from './modules.ts';

interface Writer {
  readonly comment: (path: string) => string | undefined;
  /** The name by which to refer to a schema; undefined for one that is written out. */
  readonly named: (schema: Schema) => string | undefined;
  readonly combinator: (name: string) => string;
}

export function textOf(modules: SchemaModules, file: string): string {
  const { schemas } = modules.moduleOf(file);
  const imports = new Map<string, Set<string>>();
  const combinators = new Set<string>();
  const writer: Writer = {
    comment: (path) => modules.commentAt(file, path),
    named: (schema) => {
      const found = modules.nameOf(schema, file);
      if (found?.module !== undefined) {
        imports.set(found.module, (imports.get(found.module) ?? new Set()).add(found.name));
      }
      return found?.name;
    },
    combinator: (name) => {
      combinators.add(name);
      return name;
    },
  };
  const declarations = schemas.map(([name, schema]) => declarationOf(writer, name, schema)).join('\n');
  const shapeModule = file.startsWith('packages/protocol/')
    ? `${'../'.repeat(file.split('/').length - 4)}shape/shape.ts`
    : '@cordon/protocol/shape';
  const values = [...imports].map(([module, names]) => {
    const shapes = [...names]
      .sort()
      .map(shapeName)
      .filter((name) => new RegExp(`\\b${name}\\b`).test(declarations));
    const types = [...names].sort().filter((name) => new RegExp(`\\b${name}\\b`).test(declarations));
    return (
      (shapes.length > 0 ? `import { ${shapes.join(', ')} } from '${module}';\n` : '') +
      (types.length > 0 ? `import type { ${types.join(', ')} } from '${module}';\n` : '')
    );
  });
  const source = file.split('/').at(-1) ?? file;
  return `/** Generated from ${source} by tools/shapes.ts; "npm run shapes" writes it again. */
import { ${[...combinators].sort().join(', ')} } from '${shapeModule}';
import type { Shape } from '${shapeModule}';
${values.join('')}
${declarations}`;
}

function declarationOf(writer: Writer, name: string, schema: Schema): string {
  const comment = commentOf(writer, name);
  const type =
    schema.properties === undefined
      ? `export type ${name} = ${typeText(writer, schema, name, true)};`
      : `export interface ${name} ${typeText(writer, schema, name, true)}`;
  const shape = `export const ${shapeName(name)}: Shape<${name}> = ${shapeText(writer, schema, true)};`;
  return `${comment}${type}\n${shape}\n`;
}

export function shapeName(name: string): string {
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}Shape`;
}

/** `at` is the path of the schema's comments. */
function typeText(writer: Writer, schema: Schema, at: string, own = false): string {
  const name = own ? undefined : writer.named(schema);
  if (name !== undefined) return name;
  if (schema.anyOf !== undefined) return unionType(writer, schema.anyOf, at);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((word) => JSON.stringify(word)).join(' | ');
  if (schema.patternProperties !== undefined) {
    return `Record<string, ${typeText(writer, valuesOf(schema.patternProperties), at)}>`;
  }
  switch (schema.type) {
    case 'object':
      return `{\n${Object.entries(schema.properties ?? {})
        .map(([field, each]) => fieldText(writer, { schema, field, each, at: `${at}.${field}` }))
        .join('')}}`;
    case 'array':
      return `(${typeText(writer, itemsOf(schema), at)})[]`;
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

function unionType(writer: Writer, members: readonly Schema[], at: string): string {
  const several = members.filter((each) => each.type !== 'null').length > 1;
  return members.map((each, index) => typeText(writer, each, several ? `${at}[${index}]` : at)).join(' | ');
}

function fieldText(
  writer: Writer,
  { schema, field, each, at }: { schema: Schema; field: string; each: Schema; at: string },
): string {
  const mark = schema.required?.includes(field) === true ? '' : '?';
  return `${commentOf(writer, at)}${JSON.stringify(field)}${mark}: ${typeText(writer, each, at)};\n`;
}

function commentOf(writer: Writer, at: string): string {
  const comment = writer.comment(at);
  return comment === undefined ? '' : `${comment}\n`;
}

function shapeText(writer: Writer, schema: Schema, own = false): string {
  const name = own ? undefined : writer.named(schema);
  if (name !== undefined) return shapeName(name);
  const call = (combinator: string, ...values: (string | undefined)[]): string =>
    `${writer.combinator(combinator)}(${values.filter((each) => each !== undefined).join(', ')})`;
  if (schema.anyOf !== undefined) return unionText(writer, schema, call);
  if (schema.const !== undefined) return call('oneOf', JSON.stringify([schema.const]));
  if (schema.enum !== undefined) return wordsText(schema.enum, schema, call);
  if (schema.patternProperties !== undefined)
    return call('record', shapeText(writer, valuesOf(schema.patternProperties)));
  switch (schema.type) {
    case 'object': {
      const fields = Object.entries(schema.properties ?? {}).map(([field, each]) => {
        const shape = each.mustBeSent === true ? call('mustBeSent', shapeText(writer, each)) : shapeText(writer, each);
        return `${JSON.stringify(field)}: ${schema.required?.includes(field) === true ? shape : call('optional', shape)},\n`;
      });
      return call(
        'object',
        `{\n${fields.join('')}}`,
        schema.additionalProperties === false ? '{ closed: true }' : undefined,
      );
    }
    case 'array':
      return call('list', shapeText(writer, itemsOf(schema)), limits({ min: schema.minItems, max: schema.maxItems }));
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

type Call = (combinator: string, ...values: (string | undefined)[]) => string;

function unionText(writer: Writer, schema: Schema, call: Call): string {
  const all = schema.anyOf ?? [];
  const rest = all.filter((each) => each.type !== 'null');
  const words = rest.flatMap((each) => each.const ?? []);
  const [first] = rest;
  const inner =
    words.length === rest.length
      ? wordsText(words, schema, call)
      : rest.length === 1 && first !== undefined
        ? shapeText(writer, first)
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
