/** Reads what servers of the Automation API send: lenient about missing and extra fields. */

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The records of a list; null, an empty string and anything else count as an empty list. */
export function recordsIn(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** The fields of one record, each read as the type that the caller names. */
export class Fields {
  readonly #record: Record<string, unknown>;

  constructor(value: unknown) {
    this.#record = isRecord(value) ? value : {};
  }

  /** The first of these names that holds text; empty when none does. */
  text(...names: string[]): string {
    return this.textOrNull(...names) ?? '';
  }

  textOrNull(...names: string[]): string | null {
    for (const name of names) {
      const value = this.#record[name];
      if (typeof value === 'string') return value;
    }
    return null;
  }

  number(name: string): number {
    return this.numberOrNull(name) ?? 0;
  }

  numberOrNull(name: string): number | null {
    const value = this.#record[name];
    return typeof value === 'number' ? value : null;
  }

  yes(name: string): boolean {
    return this.#record[name] === true;
  }

  /** Text elements of a list, or the comma-separated parts of a string (contract 6.7). */
  list(name: string): string[] {
    const value = this.#record[name];
    if (Array.isArray(value)) return value.filter((item) => typeof item === 'string');
    if (typeof value !== 'string') return [];
    return value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }

  inner(name: string): Fields {
    return new Fields(this.raw(name));
  }

  raw(name: string): unknown {
    return this.#record[name];
  }

  /** The records of a list field. */
  records(name: string): Record<string, unknown>[] {
    return recordsIn(this.#record[name]);
  }
}
