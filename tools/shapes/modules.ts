/** The schema modules: which schemas each exports, under which name others refer to one, and its comments. */
import { readFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { readSource } from './comments.ts';
import type { Source } from './comments.ts';

/** The part of JSON Schema that our schemas use. */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null';
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly const?: string | number | boolean;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Schema[];
  /** Ours: what a word that is not among these reads as. */
  readonly unknown?: string;
  /** Ours: an answer without this field cannot be read; no default stands for it. */
  readonly mustBeSent?: boolean;
  /** Ours: other words read as they are. */
  readonly open?: boolean;
}

export interface SchemaModule {
  readonly schemas: readonly (readonly [string, Schema])[];
  readonly source: Source;
}

/** An exported schema. */
export interface Named {
  readonly file: string;
  readonly name: string;
  readonly schema: Schema;
}

export class SchemaModules {
  readonly #modules = new Map<string, SchemaModule>();
  /** By the part of a schema that survives `Type.Optional`. */
  readonly #names = new Map<unknown, Named>();

  static async load(root: URL, files: readonly string[]): Promise<SchemaModules> {
    const modules = new SchemaModules();
    for (const file of files) {
      const url = new URL(file, root);
      const exported = new Map<string, unknown>(Object.entries(Object(await import(url.href))));
      const source = readSource(readFileSync(url, 'utf8'));
      const schemas = source.exports.flatMap((name): [string, Schema][] => {
        const schema = exported.get(name);
        return isSchema(schema) ? [[name, schema]] : [];
      });
      modules.#modules.set(file, { schemas, source });
      for (const [name, schema] of schemas) modules.#names.set(identityOf(schema), { file, name, schema });
    }
    return modules;
  }

  moduleOf(file: string): SchemaModule {
    const module = this.#modules.get(file);
    if (module === undefined) throw new Error(`${file} is no schema module.`);
    return module;
  }

  /** The comment of a field, or of the field of another schema that it repeats. */
  commentAt(file: string, path: string): string | undefined {
    const { comments, origins } = this.moduleOf(file).source;
    const own = comments.get(path);
    if (own !== undefined) return own;
    const split = path.lastIndexOf('.');
    if (split < 0) return undefined;
    for (const name of origins.get(path.slice(0, split)) ?? []) {
      const origin = this.byName(name);
      const comment = origin === undefined ? undefined : this.commentAt(origin.file, `${name}${path.slice(split)}`);
      if (comment !== undefined) return comment;
    }
    return undefined;
  }

  /** The exported schema that this one is, by identity or because the source at `path` names an equal one. */
  named(schema: Schema, file: string, path: string): Named | undefined {
    const known = this.#names.get(identityOf(schema));
    if (known !== undefined) return known;
    const origins = this.moduleOf(file).source.origins.get(path) ?? [];
    return this.#all(origins).find((named) => isEqual(named.schema, schema));
  }

  /** The exported schemas whose fields this one repeats, each with all of its fields as they are. */
  bases(schema: Schema, file: string, name: string): Named[] {
    const origins = this.moduleOf(file).source.origins.get(name) ?? [];
    return this.#all(origins).filter(({ schema: base }) =>
      Object.entries(base.properties ?? { '': {} }).every(
        ([field, each]) =>
          isEqual(each, schema.properties?.[field]) &&
          base.required?.includes(field) === schema.required?.includes(field),
      ),
    );
  }

  byName(name: string): Named | undefined {
    return this.#all([name])[0];
  }

  #all(names: readonly string[]): Named[] {
    return names.flatMap((name) => [...this.#names.values()].find((each) => each.name === name) ?? []);
  }
}

/** Where the module `from` imports the shapes of `file` from; undefined for its own. */
export function moduleName(file: string, from: string): string | undefined {
  if (file === from) return undefined;
  const target = file.replace(/\.schema\.ts$/, '.shape.ts');
  const [, itsPackage, , part] = file.split('/');
  if (itsPackage !== from.split('/')[1]) return `@cordon/${itsPackage}/${part}`;
  const path = relative(dirname(from), target);
  return path.startsWith('.') ? path : `./${path}`;
}

function identityOf(schema: Schema): unknown {
  return schema.properties ?? schema.anyOf ?? schema;
}

function isEqual(one: Schema, other: Schema | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && '~kind' in value;
}
