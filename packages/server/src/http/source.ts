/** Where a request came from: noted as it arrives, because a socket that has closed no longer knows. */
import type { FastifyRequest } from 'fastify';

const sources = new WeakMap<FastifyRequest, string>();

export function noteSource(request: FastifyRequest): void {
  sources.set(request, request.ip);
}

/** The socket's address; never a header's, which anybody can write. Empty when it had closed from the start. */
export function sourceOf(request: FastifyRequest): string {
  return sources.get(request) ?? request.ip ?? '';
}
