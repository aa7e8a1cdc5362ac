/** Checks JSON values against a shape, and reads them by it. */

/** A schema as plain functions; the files that hold them are generated. */
export interface Shape<T> {
  /** Where `value` is no T, as a JSON pointer, and why; undefined for a T. */
  readonly problem: (value: unknown) => string | undefined;
  /**
   * Reads a T from what a server of another version sent. Limits do not apply and unknown fields are left out.
   * Undefined if it cannot be read.
   */
  readonly read: (value: unknown) => T | undefined;
  /** The default for a field that is missing or unreadable; undefined if there is none. */
  readonly empty: () => T | undefined;
  /** Of an object. */
  readonly fields?: Fields;
}

export function fits<T>(shape: Shape<T>, value: unknown): value is T {
  return shape.problem(value) === undefined;
}

interface Range {
  readonly min?: number;
  readonly max?: number;
}

/* @__NO_SIDE_EFFECTS__ */
export function text({ min = 0, max = Infinity, pattern }: Range & { readonly pattern?: string } = {}): Shape<string> {
  const form = pattern === undefined ? undefined : new RegExp(pattern, 'u');
  return {
    problem: (value) => {
      if (typeof value !== 'string') return ' must be text';
      if (isLonger(value, max)) return ` must not have more than ${max} characters`;
      if (min > 0 && !isLonger(value, min - 1)) return ` must not have fewer than ${min} characters`;
      return form === undefined || form.test(value) ? undefined : ` must match ${form.source}`;
    },
    read: (value) => (typeof value === 'string' && (value !== '' || min === 0) ? value : undefined),
    // Callers rely on text that is never empty.
    empty: () => (min > 0 ? undefined : ''),
  };
}

/* @__NO_SIDE_EFFECTS__ */
export function number({ min = -Infinity, max = Infinity }: Range = {}): Shape<number> {
  return {
    problem: (value) => {
      if (typeof value !== 'number' || !Number.isFinite(value)) return ' must be a number';
      return value >= min && value <= max ? undefined : ` must be from ${min} to ${max}`;
    },
    read: (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined),
    empty: () => 0,
  };
}

/* @__NO_SIDE_EFFECTS__ */
export function integer(range: Range = {}): Shape<number> {
  const any = number(range);
  return {
    ...any,
    problem: (value) => (Number.isInteger(value) ? any.problem(value) : ' must be an integer'),
    read: (value) => (Number.isInteger(value) ? any.read(value) : undefined),
  };
}

/* @__NO_SIDE_EFFECTS__ */
export function boolean(): Shape<boolean> {
  return {
    problem: (value) => (typeof value === 'boolean' ? undefined : ' must be true or false'),
    read: (value) => (typeof value === 'boolean' ? value : undefined),
    empty: () => false,
  };
}

/** One of these values; `unknown` is what any other reads as. */
/* @__NO_SIDE_EFFECTS__ */
export function oneOf<const T extends string | number | boolean>(values: readonly T[], unknown?: NoInfer<T>): Shape<T> {
  const find = (value: unknown): T | undefined => values.find((known) => known === value);
  return {
    problem: (value) => (find(value) === undefined ? ` must be ${values.join(' or ')}` : undefined),
    read: (value) => find(value) ?? unknown,
    empty: () => unknown,
  };
}

/** One of these words; others read as they are, and are shown and returned without a decision on them. */
/* @__NO_SIDE_EFFECTS__ */
export function openOneOf<const T extends string>(words: readonly T[]): Shape<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a word of a later version
  return { ...oneOf(words), read: (value) => (typeof value === 'string' ? (value as T) : undefined) };
}

/** What is not null must be readable: a null that stands for something unreadable would be a false answer. */
/* @__NO_SIDE_EFFECTS__ */
export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return {
    problem: (value) => (value === null ? undefined : shape.problem(value)),
    read: (value) => (value === null || value === undefined ? null : shape.read(value)),
    empty: () => null,
  };
}

/* @__NO_SIDE_EFFECTS__ */
export function list<T>(items: Shape<T>, { min = 0, max = Infinity }: Range = {}): Shape<T[]> {
  return {
    problem: (value) => {
      if (!Array.isArray(value)) return ' must be a list';
      if (value.length < min || value.length > max) return ` must have from ${min} to ${max} items`;
      return firstProblem(value.entries(), items);
    },
    read: (value) => {
      if (!Array.isArray(value)) return undefined;
      const read = value.map((item) => items.read(item)).filter((item) => item !== undefined);
      return read.length === value.length ? read : undefined;
    },
    empty: () => [],
  };
}

/** A field that every server sends: no default may stand for what was decided there. */
/* @__NO_SIDE_EFFECTS__ */
export function mustBeSent<T>(shape: Shape<T>): Shape<T> {
  return { ...shape, empty: () => undefined };
}

/** Fields of any name. */
/* @__NO_SIDE_EFFECTS__ */
export function record<T>(values: Shape<T>): Shape<Record<string, T>> {
  return {
    problem: (value) => (isRecord(value) ? firstProblem(Object.entries(value), values) : ' must be an object'),
    read: (value) => {
      if (!isRecord(value)) return undefined;
      const read = Object.entries(value).flatMap(([name, each]): [string, T][] => {
        const known = values.read(each);
        return known === undefined ? [] : [[name, known]];
      });
      // Unlike assignment, it takes `__proto__` for a name like any other.
      return Object.fromEntries(read);
    },
    empty: () => ({}),
  };
}

type Field = Shape<unknown> | { readonly optional: Shape<unknown> };
type Fields = Readonly<Record<string, Field>>;

/* @__NO_SIDE_EFFECTS__ */
export function optional(shape: Shape<unknown>): Field {
  return { optional: shape };
}

/** Other fields are allowed beside these, unless `closed`. That the fields are those of T is for the generator to see to. */
/* @__NO_SIDE_EFFECTS__ */
export function object<T extends object>(fields: Fields, { closed = false } = {}): Shape<T> {
  const all = Object.entries(fields).map(([name, field]) =>
    'optional' in field ? { name, shape: field.optional, required: false } : { name, shape: field, required: true },
  );
  const required = all.filter((field) => field.required);
  return {
    problem: (value) => {
      if (!isRecord(value)) return ' must be an object';
      for (const field of all) {
        const each = value[field.name];
        const problem = each === undefined && !field.required ? undefined : field.shape.problem(each);
        if (problem !== undefined) return `/${field.name}${problem}`;
      }
      const other = closed ? Object.keys(value).find((name) => !Object.hasOwn(fields, name)) : undefined;
      return other === undefined ? undefined : `/${other} is not allowed`;
    },
    read: (value) => {
      if (!isRecord(value)) return undefined;
      // A record without any of these fields is something else.
      if (required.length > 0 && !required.some(({ name }) => Object.hasOwn(value, name))) return undefined;
      const read: Record<string, unknown> = {};
      for (const field of all) {
        const each = value[field.name];
        const known = each === undefined ? undefined : field.shape.read(each);
        const missing = each === undefined || each === null;
        if (known !== undefined) read[field.name] = known;
        else if (!missing) return undefined;
        else if (field.required) {
          const empty = field.shape.empty();
          if (empty === undefined) return undefined;
          read[field.name] = empty;
        }
      }
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each field was read by its own shape
      return read as T;
    },
    empty: () => undefined,
    fields,
  };
}

/** The fields of an object, for another that has them too. */
/* @__NO_SIDE_EFFECTS__ */
export function fieldsOf({ fields = {} }: Shape<object>): Fields {
  return fields;
}

/** The first of these that fits. */
/* @__NO_SIDE_EFFECTS__ */
export function anyOf<T>(...shapes: readonly Shape<NoInfer<T>>[]): Shape<T> {
  const fitting = (value: unknown): Shape<T> | undefined => shapes.find((shape) => fits(shape, value));
  return {
    problem: (value) => (fitting(value) === undefined ? ' must have one of the allowed forms' : undefined),
    read: (value) => fitting(value)?.read(value),
    empty: () => undefined,
  };
}

function firstProblem(
  entries: Iterable<readonly [string | number, unknown]>,
  shape: Shape<unknown>,
): string | undefined {
  for (const [name, each] of entries) {
    const problem = shape.problem(each);
    if (problem !== undefined) return `/${name}${problem}`;
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Counts code points, as JSON Schema does. */
function isLonger(value: string, max: number): boolean {
  if (value.length <= max) return false;
  if (value.length > max * 2) return true;
  let count = 0;
  for (const _ of value) count += 1;
  return count > max;
}
