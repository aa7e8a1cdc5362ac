/** Cuts lists into what one statement may name. */

/** Rows per statement; with a few values each they stay below the parameter limits of both databases. */
const chunkSize = 500;

export function* chunks<T>(items: readonly T[]): Generator<T[]> {
  for (let start = 0; start < items.length; start += chunkSize) yield items.slice(start, start + chunkSize);
}
