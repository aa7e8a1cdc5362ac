/** The addresses this node listens on, with the rooms' routes. */
import fastifySwagger from '@fastify/swagger';
import { siteFolder } from '@cordon/console/pages';
import { permitted } from './sign-in/permitted.ts';
import type { Sessions } from './sign-in/sessions.ts';
import type { Applications } from './applications/applications.ts';
import { refusedActor } from './audit/actors.ts';
import type { Audit } from './audit/audit.ts';
import type { Base } from './base.ts';
import type { Address } from './config.ts';
import type { Connections } from './gateway/connections.ts';
import type { Gateway } from './gateway/gateway.ts';
import { authenticated } from './http/automation.ts';
import { withJsonBodies } from './http/console.ts';
import { isAutomation } from './http/failures.ts';
import { healthRoute } from './http/health.ts';
import { metricsRoute } from './http/metrics.ts';
import type { Metrics } from './http/metrics.ts';
import { makeHttp } from './http/server.ts';
import type { Http } from './http/server.ts';
import { readSite, siteRoutes } from './http/browser/site.ts';
import type { Room, Routes } from './room.ts';
import { step } from './start-failure.ts';
import { version } from './version.ts';

export interface ListenersDeps {
  readonly rooms: readonly Room[];
  readonly applications: Applications;
  readonly audit: Audit;
  readonly connections: Connections;
  readonly gateway: Gateway;
  readonly metrics: Metrics;
  readonly sessions: Sessions;
}

export interface Listeners extends Room {
  readonly url: string;
  readonly consoleUrl: string;
}

/** The Automation API, the console and the gateway share an address unless they have their own. */
export async function openListeners(base: Base, deps: ListenersDeps): Promise<Listeners> {
  const { listen, consoleListen, gatewayListen } = base.config;
  const main = makeListener(base, deps);
  await mainRoutes(main, base, deps);
  const listeners = [main];
  let consoleAt = main;
  if (consoleListen !== undefined) {
    consoleAt = makeListener(base, deps);
    listeners.push(consoleAt);
    await described(consoleAt);
    // Clients of the Automation API test their connection there (contract 8, rule 20).
    main.get('/', { schema: { hide: true } }, () => ({ server: 'Cordon', version }));
  }
  siteRoutes(consoleAt, await readSite(siteFolder));
  consoleAt.register((scope, _options, done) => done(consoleScope(scope, deps)));
  if (consoleListen !== undefined) await listenAt(consoleAt, consoleListen, 'CORDON_CONSOLE_LISTEN');
  const gatewayAt = gatewayListen === undefined ? main : makeListener(base, deps);
  gatewayAt.register((scope, _options, done) => done(gatewayScope(scope, deps)));
  deps.gateway.attach(gatewayAt);
  if (gatewayListen !== undefined) {
    await listenAt(gatewayAt, gatewayListen, 'CORDON_GATEWAY_LISTEN');
    listeners.push(gatewayAt);
  }
  await listenAt(main, listen, 'CORDON_LISTEN');
  return {
    url: urlOf(main, listen.host),
    consoleUrl: urlOf(consoleAt, (consoleListen ?? listen).host),
    close: async () => {
      await Promise.all(listeners.map((listener) => listener.close()));
    },
  };
}

function makeListener(base: Base, { audit, metrics }: ListenersDeps): Http {
  return makeHttp({
    certificate: base.certificate,
    logLevel: base.config.logLevel,
    failed: (request, { reason, message }) => {
      metrics.refused(reason);
      if (!isAutomation(request.originalUrl)) return;
      const target = `${request.method} ${request.originalUrl}`;
      audit.refused(refusedActor(request), { act: 'request', target, outcome: reason, detail: message });
    },
  });
}

async function listenAt(listener: Http, address: Address, variable: string): Promise<void> {
  const failure = `The server cannot listen at ${address.host}:${address.port} (${variable})`;
  const hint = `Stop what listens there, or give ${variable} another address.`;
  await step({ failure, hint }, () => listener.listen(address));
}

async function mainRoutes(main: Http, base: Base, deps: ListenersDeps): Promise<void> {
  await described(main);
  healthRoute(main, {
    tryWriting: () => base.database.write(async () => {}),
    facts: () => ({ version, agents: deps.connections.size }),
    now: base.now,
    warn: (problem) => process.emitWarning(problem),
  });
  metricsRoute(main, deps.metrics, base.config.metricsToken);
  main.register((scope, _options, done) => {
    authenticated(scope, deps.applications, base.now);
    add(scope, 'automation', deps);
    done();
  });
}

/** OpenAPI of the routes served here. */
async function described(listener: Http): Promise<void> {
  const info = { title: 'Cordon', description: 'Endpoint containment.', version };
  await listener.register(fastifySwagger, { openapi: { openapi: '3.1.0', info } });
  listener.get('/openapi.json', { schema: { hide: true } }, () => listener.swagger());
}

function consoleScope(scope: Http, deps: ListenersDeps): undefined {
  withJsonBodies(scope);
  add(scope, 'signIn', deps);
  scope.register((inner, _options, done) => {
    permitted(inner, deps.sessions, deps.audit);
    add(inner, 'console', deps);
    done();
  });
}

function gatewayScope(scope: Http, deps: ListenersDeps): undefined {
  withJsonBodies(scope);
  add(scope, 'gateway', deps);
}

function add(scope: Http, kind: keyof Routes, { rooms }: ListenersDeps): void {
  for (const room of rooms) room.routes?.[kind]?.(scope);
}

function urlOf(app: Http, host: string): string {
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
