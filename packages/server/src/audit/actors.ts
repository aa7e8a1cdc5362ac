/** Who sent a request, as commands and the audit record it. */
import type { FastifyRequest } from 'fastify';
import { callerIfKnown, callerOf } from '../http/automation.ts';
import { personOf } from '../http/console.ts';
import { sourceOf } from '../http/source.ts';
import type { Actor } from './audit.ts';

/** The application of an authenticated request. */
export function applicationActor(request: FastifyRequest): Actor {
  return { name: `application:${callerOf(request).id}`, source: sourceOf(request), requestId: request.id };
}

/** The person of an authenticated request. */
export function personActor(request: FastifyRequest): Actor {
  return { name: `user:${personOf(request).user}`, source: sourceOf(request), requestId: request.id };
}

/** The sender of a refused request, as far as it was recognised. */
export function refusedActor(request: FastifyRequest): Actor {
  return callerIfKnown(request) === undefined ? stranger(request) : applicationActor(request);
}

/** The sender of a request that does not identify its sender. */
export function stranger(request: FastifyRequest): Actor {
  return { name: 'stranger', source: sourceOf(request), requestId: request.id };
}
