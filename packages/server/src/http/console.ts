/** The scope of the console API: JSON bodies, and who is signed in on a request. */
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { Role } from '@cordon/protocol/console';
import { parseJson, readBody } from './body.ts';
import type { Http } from './server.ts';

/** Who is signed in on a request. */
export interface Person {
  readonly user: string;
  readonly role: Role;
  /** Folders whose agents they reach; empty for all. */
  readonly scope: readonly string[];
  /** A browser's session comes in a cookie, a program's in a header. */
  readonly kind: 'browser' | 'token';
  /** Names the session inside the server; no token. */
  readonly session: string;
  readonly expiresAt: number;
  readonly totp: boolean;
  readonly mustChangePassword: boolean;
  readonly mustSetUpTotp: boolean;
}

const people = new WeakMap<FastifyRequest, Person>();

/** Reads JSON bodies in `scope`. */
export function withJsonBodies(scope: Http): void {
  scope.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) =>
    parseJson(await readBody(payload, request.routeOptions.bodyLimit)),
  );
}

export function notePerson(request: FastifyRequest, person: Person): void {
  people.set(request, person);
}

/** The person whose request this is. */
export function personOf(request: FastifyRequest): Person {
  const person = people.get(request);
  if (person === undefined) throw new Error('This route was registered outside of the permitted scope.');
  return person;
}
