/** What a column's text or number stands for; which column holds which is declared once, in `tables`. */

/** A boolean. */
export type Flag = 0 | 1;

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
