/** Who a request is from, as commands and audit write it down. */
import type { FastifyRequest } from 'fastify';
import { callerIfKnown, callerOf } from '../http/automation.ts';
import { personOf } from '../http/console.ts';
import { sourceOf } from '../http/source.ts';
import type { Actor } from './audit.ts';

/** The application of an authenticated request. */
export function applicationActor(request: FastifyRequest): Actor {
  return { name: `application:${callerOf(request).id}`, source: sourceOf(request), requestId: request.id };
}

/** The person of a signed-in request. */
export function personActor(request: FastifyRequest): Actor {
  return { name: `user:${personOf(request).user}`, source: sourceOf(request), requestId: request.id };
}

/** Whoever sent a request that was refused, as far as it was understood. */
export function refusedActor(request: FastifyRequest): Actor {
  return callerIfKnown(request) === undefined ? stranger(request) : applicationActor(request);
}

/** Whoever sent a request that says nothing of its sender. */
export function stranger(request: FastifyRequest): Actor {
  return { name: 'stranger', source: sourceOf(request), requestId: request.id };
}
