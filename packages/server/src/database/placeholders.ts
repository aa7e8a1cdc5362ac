/** Compiles a query once and remembers which value goes into which parameter. */
import type { Compilable } from 'kysely';
import type { Queries } from './tables/all.ts';

/**
 * The SQL text of `build`, and for each of its parameters the index of its value. A string that occurs nowhere else
 * stands in for each value, so it can be found among the compiled parameters.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- infers the builder's own arguments
export function placeholders<Values extends unknown[], Result>(
  queries: Queries,
  build: (queries: Queries, ...values: Values) => Compilable<Result>,
): { text: string; order: number[] } {
  const marks = Array.from({ length: build.length - 1 }, (_, index) => `\u0000value ${index}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- stand-ins: the builder only passes them on
  const compiled = build(queries, ...(marks as Values)).compile();
  const order = compiled.parameters.map((parameter) => marks.indexOf(String(parameter)));
  if (order.includes(-1)) throw new Error(`A prepared query takes all its values as arguments: ${compiled.sql}`);
  return { text: compiled.sql, order };
}
