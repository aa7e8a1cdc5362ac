/** The scope of the console API: people, by their session. */
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { parseJson, readBody } from './body.ts';
import { ConsoleRefusal } from './console-refusal.ts';
import type { Http } from './server.ts';

/** Who is signed in on a request. */
export interface Person {
  readonly user: string;
  readonly token: string;
}

const people = new WeakMap<FastifyRequest, Person>();

/** Reads JSON bodies in `scope`. */
export function withJsonBodies(scope: Http): void {
  scope.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) =>
    parseJson(await readBody(payload, request.routeOptions.bodyLimit)),
  );
}

/** Lets only people with a session into what is registered in `scope` afterwards. */
export function signedIn(scope: Http, userOf: (token: string) => Promise<string | undefined>): void {
  scope.addHook('onRequest', async (request) => {
    const token = /^Session ([\w-]{20,100})$/.exec(request.headers.authorization ?? '')?.[1];
    const user = token === undefined ? undefined : await userOf(token);
    if (token === undefined || user === undefined) {
      throw new ConsoleRefusal(401, 'not-signed-in', 'Sign in first: "cordon login --admin", or POST /api/v1/session.');
    }
    people.set(request, { user, token });
  });
}

/** The person whose request this is. */
export function personOf(request: FastifyRequest): Person {
  const person = people.get(request);
  if (person === undefined) throw new Error('This route was registered outside of the signed-in scope.');
  return person;
}
