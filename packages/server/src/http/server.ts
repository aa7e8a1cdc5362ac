/** The HTTP server: Fastify, configured for every path of Cordon. */
import { Server } from 'node:tls';
import type { SecureContextOptions } from 'node:tls';
import { LogController, fastify } from 'fastify';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler';
import { Refusal } from '@cordon/protocol/automation';
import type { Certificate } from '../secrets/certificate.ts';
import type { ServerCertificate } from '../secrets/server-certificate.ts';
import { refuseNul } from './bodies/body.ts';
import { browserHeaders, withBrowserHeaders } from './browser/browser-headers.ts';
import { failureOf, sendFailure } from './failures.ts';
import type { Failure } from './failures.ts';
import { noteSource } from './source.ts';

export type Http = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface HttpDeps {
  readonly certificate: ServerCertificate;
  readonly logLevel: string;
  /** Called for each request that was refused or failed. */
  readonly failed: (request: FastifyRequest, failure: Failure) => void;
}

/** Small on purpose: routes for large bodies stream them. */
const bodyLimit = 1_048_576;
const keepAliveMilliseconds = 75_000;
/** The longest a whole request may take to arrive; a 300 MB upload over 10 Mbit/s fits. */
const requestMilliseconds = 300_000;

/** An HTTPS server without routes. */
export function makeHttp(deps: HttpDeps): Http {
  const fail = (error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const failure = failureOf(error, request.originalUrl);
    if (failure.isBug) request.log.error({ err: error, requestId: request.id }, 'request failed');
    deps.failed(request, failure);
    return sendFailure(request, reply, failure);
  };
  const app = fastify({
    https: secured(deps.certificate.now),
    routerOptions: {
      caseSensitive: false,
      ignoreTrailingSlash: true,
      ignoreDuplicateSlashes: true,
      // A URL that is a suspicious object, percent-encoded.
      maxParamLength: 6500,
    },
    bodyLimit,
    keepAliveTimeout: keepAliveMilliseconds,
    requestTimeout: requestMilliseconds,
    // A request that hangs must not block a stop.
    forceCloseConnections: 'idle',
    // A request that arrives during a stop is answered normally; Fastify's own 503 does not use our envelopes.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    logger: { level: deps.logLevel, redact: ['req.headers.authorization', 'req.headers.cookie'] },
    logController: new LogController({ disableRequestLogging: true }),
    requestIdHeader: false,
    genReqId: makeRequestIds(),
    schemaController: { compilersFactory: { buildSerializer: lazySerializers } },
    // A path that cannot be decoded; no hook runs for it.
    frameworkErrors: (error, request, reply) => {
      void reply.headers(browserHeaders);
      void fail(error, request, reply);
    },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  app.removeAllContentTypeParsers();
  // A client sends a signed body of two characters with every GET (contract 8, rule 8).
  app.addHttpMethod('GET', { hasBody: true, overrideExisting: true });
  withBrowserHeaders(app);
  app.addHook('onRequest', (request, _reply, done) => {
    noteSource(request);
    done();
  });
  app.addHook('preValidation', (request, _reply, done) => {
    refuseNul(request.originalUrl);
    done();
  });
  endConnectionsOnClose(app);
  deps.certificate.onChange((certificate) => {
    if (app.server instanceof Server) app.server.setSecureContext(secured(certificate));
  });
  app.setErrorHandler(fail);
  app.setNotFoundHandler((request, reply) => {
    const message = `Nothing is served at ${request.method} ${pathOf(request.originalUrl)}.`;
    return fail(new Refusal('route-unknown', message), request, reply);
  });
  return app;
}

function secured({ certificate, key }: Certificate): SecureContextOptions {
  return { cert: certificate, key, minVersion: 'TLSv1.2' };
}

const buildSerializers = SerializerSelector();

/** Each serializer is made when its first answer is sent. All of them at once are a third of the time of a start. */
const lazySerializers: typeof buildSerializers = (schemas, options) => {
  const compile = buildSerializers(schemas, options);
  return (route) => {
    let serialize: ReturnType<typeof compile> | undefined;
    return (value) => (serialize ??= compile(route))(value);
  };
};

/** A connection that was being answered when the close began would be kept for the next request, and block the stop. */
function endConnectionsOnClose(app: Http): void {
  let closing = false;
  app.addHook('preClose', (done) => {
    closing = true;
    done();
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) void reply.header('connection', 'close');
    done(null, payload);
  });
  app.addHook('onResponse', (request, _reply, done) => {
    if (closing) request.raw.socket.end();
    done();
  });
}

function pathOf(url: string): string {
  return (url.split('?')[0] ?? '').slice(0, 100);
}

/** Short and unique within a run; runs differ by their start. */
function makeRequestIds(): () => string {
  const run = Date.now().toString(36);
  let last = 0;
  return () => `${run}-${(++last).toString(36)}`;
}
