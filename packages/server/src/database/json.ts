/** Columns that hold JSON: their type is declared once, in `tables.ts`. */

declare const content: unique symbol;

/** JSON text of a `T`. Only `toJson` creates it, so a column of this type holds nothing else. */
export type Json<T> = string & { readonly [content]: T };

export function toJson<T>(value: T): Json<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place where JSON text gets its type
  return JSON.stringify(value) as Json<T>;
}

export function fromJson<T>(text: Json<T>): T {
  return JSON.parse(text);
}
