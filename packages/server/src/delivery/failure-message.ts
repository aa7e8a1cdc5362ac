/** Says why a connection failed. */

/** A socket that tried several addresses throws an error without a message of its own. */
export function messageOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const text = first instanceof Error ? first.message : String(first);
  return (text === '' ? 'The connection failed.' : text).slice(0, 500);
}
