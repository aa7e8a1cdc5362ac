/** Wires the rooms into one server. Nothing is decided here. */
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import fastifySwagger from '@fastify/swagger';
import { startPage } from '@cordon/console/pages';
import { Accounts } from './accounts/accounts.ts';
import { signInRoute, signOutRoute } from './accounts/routes.ts';
import { Agents } from './agents/agents.ts';
import { Arrival } from './agents/arrival.ts';
import { agentConsoleRoutes } from './agents/console-routes.ts';
import { agentRoutes } from './agents/routes.ts';
import { agentsNamed, changedWishes, renewWishes, savePresence } from './agents/wishes.ts';
import { Applications } from './applications/applications.ts';
import { applicationRoutes } from './applications/routes.ts';
import { refusedActor } from './audit/actors.ts';
import { Audit } from './audit/audit.ts';
import { auditRoutes } from './audit/routes.ts';
import { commandRoutes } from './commands/routes.ts';
import type { Config } from './config.ts';
import { openDatabase } from './database/database.ts';
import type { Database } from './database/database.ts';
import { Connections } from './gateway/connections.ts';
import { Gateway } from './gateway/gateway.ts';
import { NodeNews } from './gateway/node-news.ts';
import { Orders } from './gateway/orders.ts';
import { Presence } from './gateway/presence.ts';
import { enrolmentRoutes } from './gateway/routes.ts';
import { authenticated } from './http/automation.ts';
import { signedIn, withJsonBodies } from './http/console.ts';
import { isAutomation } from './http/failures.ts';
import { makeMetrics, metricsRoute } from './http/metrics.ts';
import type { Metrics } from './http/metrics.ts';
import { makeHttp } from './http/server.ts';
import type { Http } from './http/server.ts';
import { masterKey } from './secrets/master-key.ts';
import { serverCertificate } from './secrets/certificate.ts';
import type { Certificate } from './secrets/certificate.ts';
import { orderKey } from './secrets/order-key.ts';
import type { OrderKey } from './secrets/order-key.ts';
import { Vault } from './secrets/vault.ts';
import { serverRoutes } from './servers/routes.ts';
import { Servers, serverId } from './servers/servers.ts';
import { SuspiciousObjects } from './suspicious-objects/objects.ts';
import { objectRoutes } from './suspicious-objects/routes.ts';

/** A server that runs. */
export interface App {
  readonly certificate: Certificate;
  readonly accounts: Accounts;
  /** Where it listens, as `https://host:port`; the port that the system chose where 0 was asked for. */
  readonly url: string;
  /** Finishes what is under way, writes what is owed, and closes everything. */
  close(): Promise<void>;
}

interface Rooms {
  readonly accounts: Accounts;
  readonly agents: Agents;
  readonly applications: Applications;
  readonly arrival: Arrival;
  readonly audit: Audit;
  readonly connections: Connections;
  readonly objects: SuspiciousObjects;
  readonly orders: Orders;
  readonly presence: Presence;
  readonly servers: Servers;
  readonly news: NodeNews;
}

interface Base {
  readonly config: Config;
  readonly database: Database;
  readonly certificate: Certificate;
  readonly key: OrderKey;
  readonly vault: Vault;
  readonly serverId: string;
  readonly now: () => number;
}

/** The version of this package, for people who ask which one they run. */
export const version: string = String(
  Object(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))).version,
);

/** Starts a server; it answers requests once this resolves. */
export async function openApp(config: Config, now: () => number = Date.now): Promise<App> {
  const base = await openBase(config, now);
  const rooms = makeRooms(base);
  await rooms.servers.register();
  await rooms.applications.refresh();
  await rooms.news.start();
  const metrics = makeMetrics(() => rooms.connections.size);
  const main = makeListener(base, rooms, metrics);
  const gateway = makeGateway(base, rooms, { metrics, log: main.log });
  await mainRoutes(main, base, rooms, metrics);
  const listeners = [main];
  if (config.gatewayListen === undefined) main.register((scope, _options, done) => done(gatewayScope(scope, rooms)));
  else {
    const apart = makeListener(base, rooms, metrics);
    apart.register((scope, _options, done) => done(gatewayScope(scope, rooms)));
    gateway.attach(apart.server);
    await apart.listen(config.gatewayListen);
    listeners.push(apart);
  }
  if (config.gatewayListen === undefined) gateway.attach(main.server);
  await main.listen(config.listen);
  return {
    certificate: base.certificate,
    accounts: rooms.accounts,
    url: urlOf(main, config.listen.host),
    close: () => closeAll(base, rooms, { gateway, listeners }),
  };
}

async function openBase(config: Config, now: () => number): Promise<Base> {
  await mkdir(config.data, { recursive: true, mode: 0o700 });
  const vault = new Vault(await masterKey(config.data, config.masterKey));
  const hosts = new Set(['localhost', '127.0.0.1', '::1', ...config.advertise.map((address) => address.host)]);
  const certificate = await serverCertificate(config.data, [...hosts], config.tls);
  const database = await openDatabase(config.database);
  const key = await orderKey(database, vault);
  return { config, database, certificate, key, vault, serverId: await serverId(config.data), now };
}

function makeRooms(base: Base): Rooms {
  const { database, now, key, vault, certificate, config } = base;
  const audit = new Audit(database, now);
  const connections = new Connections();
  const servers = new Servers({
    database,
    now,
    version,
    id: base.serverId,
    fingerprint: certificate.fingerprint,
    advertise: config.advertise,
    renewWishes,
  });
  const orders = new Orders({ connections, key, gatewaysFor: (home) => servers.gatewaysFor(home) });
  const applications = new Applications({ database, vault, audit, now });
  const news: NodeNews = new NodeNews({
    database,
    now,
    orders,
    connections,
    agentsNamed: (numbers) => agentsNamed(database, numbers),
    changedWishes: (since) => changedWishes(database, since),
    refreshApplications: () => applications.refresh(),
    objectsRevision: () => objects.revision(),
  });
  const objects = new SuspiciousObjects({ database, audit, now, tell: (revision) => news.objectsChanged(revision) });
  return {
    audit,
    connections,
    servers,
    orders,
    applications,
    objects,
    news,
    accounts: new Accounts({ database, audit, now }),
    agents: new Agents({
      database,
      audit,
      now,
      serverExists: (id) => servers.exists(id),
      tell: (wishes) => news.wishesChanged(wishes),
    }),
    arrival: new Arrival({ database, audit, now, home: base.serverId }),
    presence: new Presence({
      database,
      connections,
      now,
      server: base.serverId,
      store: (rows) => savePresence(database, rows),
    }),
  };
}

function makeListener(base: Base, rooms: Rooms, metrics: Metrics): Http {
  return makeHttp({
    certificate: base.certificate,
    logLevel: base.config.logLevel,
    failed: (request, failure) => {
      metrics.refusals.inc({ reason: failure.reason });
      if (!isAutomation(request.originalUrl)) return;
      const target = `${request.method} ${request.originalUrl}`;
      rooms.audit.refused(refusedActor(request), {
        act: 'request',
        target,
        outcome: failure.reason,
        detail: failure.sentence,
      });
    },
  });
}

function makeGateway(base: Base, rooms: Rooms, more: { metrics: Metrics; log: Http['log'] }): Gateway {
  const gateway = new Gateway({
    arrival: rooms.arrival,
    objects: rooms.objects,
    connections: rooms.connections,
    orders: rooms.orders,
    presence: rooms.presence,
    key: base.key,
    server: base.serverId,
    fingerprint: base.certificate.fingerprint,
    log: more.log,
    recorded: ({ isolatedAfter }) => {
      if (isolatedAfter !== undefined) more.metrics.isolation.observe(isolatedAfter / 1000);
    },
  });
  rooms.news.onObjects((revision) => gateway.objectsChanged(revision));
  return gateway;
}

async function mainRoutes(main: Http, base: Base, rooms: Rooms, metrics: Metrics): Promise<void> {
  const info = { title: 'Cordon', description: 'Endpoint containment.', version };
  await main.register(fastifySwagger, { openapi: { openapi: '3.1.0', info } });
  main.get('/', { schema: { hide: true } }, (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(startPage()),
  );
  main.get('/openapi.json', { schema: { hide: true } }, () => main.swagger());
  main.get('/healthz', { schema: { hide: true } }, async () => {
    await base.database.write(async () => {});
    return { status: 'ok', version, agents: rooms.connections.size };
  });
  metricsRoute(main, metrics, base.config.metricsToken);
  main.register((scope, _options, done) => done(automationScope(scope, base, rooms)));
  main.register((scope, _options, done) => done(consoleScope(scope, base, rooms)));
}

function automationScope(scope: Http, base: Base, rooms: Rooms): undefined {
  const authority = rooms.applications;
  authenticated(scope, authority, base.now);
  agentRoutes(scope, { agents: rooms.agents, isOnline: (row) => rooms.presence.isOnline(row) });
  serverRoutes(scope, rooms.servers);
  objectRoutes(scope, { objects: rooms.objects, authority, uploadLimit: base.config.uploadLimit });
}

function consoleScope(scope: Http, base: Base, rooms: Rooms): undefined {
  withJsonBodies(scope);
  signInRoute(scope, rooms.accounts);
  scope.register((inner, _options, done) => {
    signedIn(inner, (token) => rooms.accounts.userOf(token));
    signOutRoute(inner, rooms.accounts);
    applicationRoutes(inner, rooms.applications);
    auditRoutes(inner, rooms.audit);
    commandRoutes(inner, base.database);
    agentConsoleRoutes(inner, {
      agents: rooms.agents,
      isOnline: (row) => rooms.presence.isOnline(row),
      enrolment: {
        database: base.database,
        audit: rooms.audit,
        now: base.now,
        gateways: base.config.advertise,
        fingerprint: base.certificate.fingerprint,
        orderKey: base.key.publicKey,
      },
    });
    done();
  });
}

function gatewayScope(scope: Http, rooms: Rooms): undefined {
  withJsonBodies(scope);
  enrolmentRoutes(scope, rooms);
}

async function closeAll(
  base: Base,
  rooms: Rooms,
  open: { gateway: Gateway; listeners: readonly Http[] },
): Promise<void> {
  open.gateway.close();
  await Promise.all(open.listeners.map((listener) => listener.close()));
  rooms.news.close();
  rooms.servers.close();
  rooms.objects.close();
  await rooms.presence.close();
  await rooms.applications.close();
  await rooms.audit.close();
  await base.database.close();
}

function urlOf(app: Http, host: string): string {
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
