/** Where a request came from: recorded on arrival, because a closed socket no longer knows. */
import type { FastifyRequest } from 'fastify';

const sources = new WeakMap<FastifyRequest, string>();

export function noteSource(request: FastifyRequest): void {
  sources.set(request, request.ip);
}

/** The socket's address; never a header's, which anybody can write. Empty when it had already closed. */
export function sourceOf(request: FastifyRequest): string {
  return sources.get(request) ?? request.ip ?? '';
}
