/** The console API's scope: JSON bodies, and the signed-in account of a request. */
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { Role } from '@cordon/protocol/console';
import { parseJson, readBody } from './bodies/body.ts';
import type { Http } from './server.ts';

/** The signed-in account of a request. */
export interface Person {
  readonly user: string;
  readonly role: Role;
  /** The folders whose agents they reach; empty for all. */
  readonly scope: readonly string[];
  /** A browser's session comes in a cookie, a program's in a header. */
  readonly kind: 'browser' | 'token';
  /** Identifies the session inside the server; not a token. */
  readonly session: string;
  readonly expiresAt: number;
  readonly totp: boolean;
  readonly mustChangePassword: boolean;
  readonly mustSetUpTotp: boolean;
}

const persons = new WeakMap<FastifyRequest, Person>();

/** Parses JSON bodies in `scope`. */
export function withJsonBodies(scope: Http): void {
  scope.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) =>
    parseJson(await readBody(payload, request.routeOptions.bodyLimit)),
  );
}

export function notePerson(request: FastifyRequest, person: Person): void {
  persons.set(request, person);
}

/** The signed-in account that sent this request. */
export function personOf(request: FastifyRequest): Person {
  const person = persons.get(request);
  if (person === undefined) throw new Error('This route was registered outside of the permitted scope.');
  return person;
}
