/** The Automation API's scope: authenticates every route, reads bodies as signed bytes. */
import type { IncomingMessage } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import type { FastifyRequest, HTTPMethods } from 'fastify';
import { Refusal } from '@cordon/protocol/automation';
import type { Authority, Opened } from './authentication.ts';
import { BodyChecksum, openRequest } from './authentication.ts';
import { parseJson, piecesOf, readBody } from './bodies/body.ts';
import type { Http } from './server.ts';
import { sourceOf } from './source.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route reads the body itself, with `readSigned`. */
    streamsBody?: boolean;
  }
}

const methods: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'];

/** Opened requests; an entry disappears with the last reference to its request. */
const openedRequests = new WeakMap<FastifyRequest, Opened>();

/** Adds both authentication phases to every route registered in `scope` afterwards. */
export function authenticated(scope: Http, authority: Authority, now: () => number): void {
  scope.addHook('onRequest', (request, _reply, done) => {
    openedRequests.set(request, openRequest(request, authority, now()));
    // A body is JSON whatever its type says (contract 8, rule 11), even if that is not a media type at all.
    delete request.headers['content-type'];
    done();
  });
  scope.addContentTypeParser('*', (request: FastifyRequest, payload: IncomingMessage) =>
    request.routeOptions.config.streamsBody === true
      ? Promise.resolve(payload)
      : readBody(payload, request.routeOptions.bodyLimit),
  );
  scope.addHook('preValidation', (request, _reply, done) => {
    if (request.routeOptions.config.streamsBody !== true) {
      request.body = judgeWhole(request);
      authority.used(callerOf(request).id, sourceOf(request));
    }
    done();
  });
}

/** The application that sent this request. */
export function callerOf(request: FastifyRequest): Opened['caller'] {
  return openedOf(request).caller;
}

/** The application of this request, as far as its header was accepted; undefined for a stranger's. */
export function callerIfKnown(request: FastifyRequest): Opened['caller'] | undefined {
  return openedRequests.get(request)?.caller;
}

/** Passes the body to `take` as it arrives, then checks its checksum; what was taken counts only if this resolves. */
export async function readSigned(request: FastifyRequest, take: (chunk: Buffer) => void): Promise<void> {
  const checksum = new BodyChecksum(request);
  let sinceYield = 0;
  for await (const bytes of piecesOf(request.raw)) {
    checksum.update(bytes);
    take(bytes);
    sinceYield += bytes.length;
    // The socket may hold megabytes; let other requests run in between.
    if (sinceYield > 1_048_576) {
      sinceYield = 0;
      await setImmediate();
    }
  }
  checksum.judge(openedOf(request));
}

/** Answers the methods `path` does not offer: known resource, wrong verb. */
export function refuseOtherMethods(scope: Http, path: string, offered: readonly HTTPMethods[]): void {
  scope.route({
    method: methods.filter((method) => !offered.includes(method)),
    url: path,
    schema: { hide: true },
    handler: (request) => {
      throw new Refusal('method-unsupported', `${request.method} is not offered here; use ${offered.join(' or ')}.`);
    },
  });
}

function judgeWhole(request: FastifyRequest): unknown {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const checksum = new BodyChecksum(request);
  checksum.update(body);
  checksum.judge(openedOf(request));
  // Bodies of GET and DELETE are signed, and otherwise ignored (contract 8, rule 8).
  return request.method === 'GET' || request.method === 'DELETE' ? undefined : parseJson(body);
}

function openedOf(request: FastifyRequest): Opened {
  const opened = openedRequests.get(request);
  if (opened === undefined) throw new Error('This route was registered outside of the authenticated scope.');
  return opened;
}
