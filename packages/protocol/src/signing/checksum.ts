/** The text whose SHA-256 binds a token to one request (contract 1.4). Pure; hashing is the caller's. */

/** Everything of a request that its checksum covers except the body. */
export interface RequestHead {
  readonly method: string;
  /** Path and query as they stand on the wire, percent-escapes included; without scheme, host or port. */
  readonly url: string;
  /** Canonical headers, from `canonicalHeaders`; empty when there are none. */
  readonly headers?: string;
}

/**
 * What is hashed before the body: `METHOD|url|headers|`. The body's bytes follow, unchanged. The head is split off
 * so that a server can hash a body of any size while it streams in.
 */
export function checksumPrefix(head: RequestHead): string {
  return `${head.method.toUpperCase()}|${rawUrl(head.url)}|${head.headers ?? ''}|`;
}

/**
 * The request headers whose names start with `API` (any case), as `name:value` with the name in lower case and the
 * value trimmed, sorted and joined by `&`. The order and format are those of the one public client that has them.
 */
export function canonicalHeaders(headers: Iterable<readonly [string, string]>): string {
  return [...headers]
    .map(([name, value]) => [name.toLowerCase(), value.trim()] as const)
    .filter(([name]) => name.startsWith('api'))
    .map(([name, value]) => `${name}:${value}`)
    .sort()
    .join('&');
}

/** Lower-cased, and without a lone `?`: an empty query is left out. */
function rawUrl(url: string): string {
  const lower = url.toLowerCase();
  return lower.endsWith('?') && lower.indexOf('?') === lower.length - 1 ? lower.slice(0, -1) : lower;
}
