/** Verifying a request, for servers: Node only. Opening and judging are two steps; the body is read between them. */
export { openToken } from './open.ts';
export type { Claims } from './open.ts';
export { judgeChecksum, judgeClaims } from './judge.ts';
export type { Freshness } from './judge.ts';
