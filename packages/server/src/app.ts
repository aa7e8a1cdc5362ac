/** Wires the rooms to their routes and listeners. Nothing is decided here. */
import fastifySwagger from '@fastify/swagger';
import { siteFolder } from '@cordon/console/pages';
import type { Accounts } from './accounts/accounts.ts';
import { accountRoutes } from './accounts/account-routes.ts';
import { productionPasswordCost } from './accounts/passwords.ts';
import type { PasswordCost } from './accounts/passwords.ts';
import { permitted } from './accounts/permitted.ts';
import { ownAccountRoutes, signInRoute } from './accounts/routes.ts';
import { actRoutes } from './agents/act-routes.ts';
import { agentConsoleRoutes } from './agents/console-routes.ts';
import { agentListRoute } from './agents/list-routes.ts';
import { agentRoutes } from './agents/routes.ts';
import { applicationRoutes } from './applications/routes.ts';
import { refusedActor } from './audit/actors.ts';
import { auditRoutes } from './audit/routes.ts';
import { openBase } from './base.ts';
import type { Base } from './base.ts';
import { commandRoutes } from './commands/routes.ts';
import type { Address, Config } from './config.ts';
import { detectionRoutes } from './detections/routes.ts';
import { detectionSummary } from './detections/summary.ts';
import { Gateway } from './gateway/gateway.ts';
import { Receipts } from './gateway/receipts.ts';
import { SignedPages } from './gateway/signed-pages.ts';
import { enrolmentRoutes } from './gateway/routes.ts';
import { groupRoutes } from './groups/routes.ts';
import { guardRoutes } from './guard/routes.ts';
import { authenticated } from './http/automation.ts';
import { withJsonBodies } from './http/console.ts';
import { isAutomation } from './http/failures.ts';
import { healthRoute } from './http/health.ts';
import { makeMetrics, metricsRoute } from './http/metrics.ts';
import type { Metrics } from './http/metrics.ts';
import { makeHttp } from './http/server.ts';
import type { Http } from './http/server.ts';
import { readSite, siteRoutes } from './http/site.ts';
import { notificationMetrics } from './notifications/metrics.ts';
import { notificationRoutes } from './notifications/routes.ts';
import { liveRoutes } from './live/routes.ts';
import { overviewRoutes } from './overview/routes.ts';
import { profileRoutes } from './profiles/routes.ts';
import { quarantineRoutes } from './quarantine/routes.ts';
import { makeRooms, version } from './rooms.ts';
import type { Rooms } from './rooms.ts';
import type { Certificate } from './secrets/certificate.ts';
import { serverConsoleRoutes } from './servers/console-routes.ts';
import { serverRoutes } from './servers/routes.ts';
import { objectConsoleRoutes } from './suspicious-objects/console-routes.ts';
import { objectRoutes } from './suspicious-objects/routes.ts';
import { step } from './start-failure.ts';
import { taskRoutes } from './tasks/routes.ts';

/** A server that runs. */
export interface App {
  readonly certificate: Certificate;
  readonly accounts: Accounts;
  /** Where it listens, as `https://host:port`; the port that the system chose where 0 was asked for. */
  readonly url: string;
  /** Where the console is: the same, unless it has an address of its own. */
  readonly consoleUrl: string;
  /** Finishes what is under way, writes what is owed, and closes everything. */
  close(): Promise<void>;
}

export interface AppOptions {
  /** The production cost unless given; tests of other things than passwords give a smaller one. */
  readonly passwordCost?: PasswordCost;
}

/** Starts a server; it answers requests once this resolves. */
export async function openApp(
  config: Config,
  { passwordCost = productionPasswordCost }: AppOptions = {},
): Promise<App> {
  const base = await openBase(config, { now: Date.now, passwordCost });
  const rooms = makeRooms(base);
  await rooms.servers.register();
  await rooms.applications.refresh();
  await rooms.profiles.refresh();
  await rooms.groups.start();
  await rooms.news.start();
  rooms.notifications.start();
  const metrics = makeMetrics({
    connectedAgents: () => rooms.connections.size,
    openTasks: () => rooms.tasks.open(),
  });
  rooms.detections.onStored((records) => {
    for (const { action } of records) metrics.detections.inc({ action });
  });
  const main = makeListener(base, rooms, metrics);
  notificationMetrics(metrics.registry, rooms.notifications);
  const gateway = makeGateway(base, rooms, { metrics, log: main.log });
  await mainRoutes(main, base, rooms, metrics);
  const listeners = [main];
  const consoleAt = await consoleListener(main, base, rooms, metrics);
  if (consoleAt !== main) listeners.push(consoleAt);
  if (config.gatewayListen === undefined) main.register((scope, _options, done) => done(gatewayScope(scope, rooms)));
  else {
    const apart = makeListener(base, rooms, metrics);
    apart.register((scope, _options, done) => done(gatewayScope(scope, rooms)));
    gateway.attach(apart.server);
    await listenAt(apart, config.gatewayListen, 'CORDON_GATEWAY_LISTEN');
    listeners.push(apart);
  }
  if (config.gatewayListen === undefined) gateway.attach(main.server);
  await listenAt(main, config.listen, 'CORDON_LISTEN');
  return {
    certificate: base.certificate,
    accounts: rooms.people.accounts,
    url: urlOf(main, config.listen.host),
    consoleUrl: urlOf(consoleAt, (config.consoleListen ?? config.listen).host),
    close: () => closeAll(base, rooms, { gateway, listeners }),
  };
}

async function listenAt(listener: Http, address: Address, variable: string): Promise<void> {
  const told = `The server cannot listen at ${address.host}:${address.port} (${variable})`;
  const hint = `Stop what listens there, or give ${variable} another address.`;
  await step({ told, hint }, () => listener.listen(address));
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
        detail: failure.message,
      });
    },
  });
}

function makeGateway(base: Base, rooms: Rooms, more: { metrics: Metrics; log: Http['log'] }): Gateway {
  const gateway = new Gateway({
    arrival: rooms.arrival,
    reports: rooms.reports,
    objects: rooms.objects,
    pages: new SignedPages({ objects: rooms.objects, key: base.key, now: base.now }),
    detections: rooms.detections,
    tasks: rooms.tasks,
    taskSender: rooms.taskSender,
    connections: rooms.connections,
    desiredSender: rooms.desiredSender,
    presence: rooms.presence,
    receipts: new Receipts(base.key),
    server: base.serverId,
    fingerprint: base.certificate.fingerprint,
    now: base.now,
    log: more.log,
    recorded: ({ isolatedAfter }, agent) => {
      if (isolatedAfter !== undefined) {
        more.metrics.isolation.observe(isolatedAfter / 1000);
        rooms.overview.isolated(agent.number, isolatedAfter);
      }
      rooms.live.tell('agents', [agent.entityId]);
      rooms.live.tell('commands', [agent.entityId]);
    },
    cameOrWent: (agent) => rooms.live.tell('agents', [agent]),
  });
  rooms.news.onObjects((revision) => gateway.objectsChanged(revision));
  return gateway;
}

async function mainRoutes(main: Http, base: Base, rooms: Rooms, metrics: Metrics): Promise<void> {
  await described(main);
  healthRoute(main, {
    tryWriting: () => base.database.write(async () => {}),
    facts: () => ({ version, agents: rooms.connections.size }),
    now: base.now,
  });
  metricsRoute(main, metrics, base.config.metricsToken);
  main.register((scope, _options, done) => done(automationScope(scope, base, rooms)));
}

/** Pages and console API, on `main` or at an address of their own, which then listens. */
async function consoleListener(main: Http, base: Base, rooms: Rooms, metrics: Metrics): Promise<Http> {
  const { consoleListen } = base.config;
  const listener = consoleListen === undefined ? main : makeListener(base, rooms, metrics);
  if (listener !== main) {
    await described(listener);
    // Clients of the Automation API test their connection there (contract 8, rule 20).
    main.get('/', { schema: { hide: true } }, () => ({ server: 'Cordon', version }));
  }
  siteRoutes(listener, await readSite(siteFolder));
  listener.register((scope, _options, done) => done(consoleScope(scope, base, rooms)));
  if (consoleListen !== undefined) await listenAt(listener, consoleListen, 'CORDON_CONSOLE_LISTEN');
  return listener;
}

/** What is served here, for people and programs. */
async function described(listener: Http): Promise<void> {
  const info = { title: 'Cordon', description: 'Endpoint containment.', version };
  await listener.register(fastifySwagger, { openapi: { openapi: '3.1.0', info } });
  listener.get('/openapi.json', { schema: { hide: true } }, () => listener.swagger());
}

function automationScope(scope: Http, base: Base, rooms: Rooms): undefined {
  const authority = rooms.applications;
  authenticated(scope, authority, base.now);
  agentRoutes(scope, { agents: rooms.agents, acts: rooms.acts, isOnline: (row) => rooms.presence.isOnline(row) });
  serverRoutes(scope, rooms.servers);
  objectRoutes(scope, { objects: rooms.objects, authority, uploadLimit: base.config.uploadLimit });
}

function consoleScope(scope: Http, base: Base, rooms: Rooms): undefined {
  withJsonBodies(scope);
  signInRoute(scope, rooms.people);
  scope.register((inner, _options, done) => {
    permitted(inner, rooms.people.sessions, rooms.audit);
    ownAccountRoutes(inner, rooms.people);
    accountRoutes(inner, rooms.people.accounts);
    applicationRoutes(inner, rooms.applications);
    auditRoutes(inner, rooms.audit, rooms.checkpoints);
    actRoutes(inner, rooms.acts);
    guardRoutes(inner, rooms.guard);
    profileRoutes(inner, rooms.profiles);
    commandRoutes(inner, base.database);
    notificationRoutes(inner, rooms.notifications);
    agentListRoute(inner, rooms.list);
    liveRoutes(inner, rooms.live);
    overviewRoutes(inner, rooms.overview);
    serverConsoleRoutes(inner, rooms.servers);
    biteRoutes(inner, base, rooms);
    agentConsoleRoutes(inner, {
      agents: rooms.agents,
      isOnline: (row) => rooms.presence.isOnline(row),
      breakGlass: rooms.breakGlass,
      moves: rooms.moves,
      enrolment: {
        database: base.database,
        audit: rooms.audit,
        now: base.now,
        gateways: base.config.advertise,
        fingerprint: base.certificate.fingerprint,
        signingKey: base.key.publicKey,
      },
    });
    done();
  });
}

/** What suspicious objects lead to. */
function biteRoutes(scope: Http, base: Base, rooms: Rooms): void {
  groupRoutes(scope, rooms.groups);
  objectConsoleRoutes(scope, rooms);
  detectionRoutes(scope, {
    detections: rooms.detections,
    groupExists: (name) => rooms.groups.exists(name),
    summary: (span, folders) => detectionSummary(base.database, { ...span, scope: folders }, base.now()),
  });
  taskRoutes(scope, rooms.tasks);
  quarantineRoutes(scope, rooms.quarantine);
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
  await rooms.live.close();
  await Promise.all(open.listeners.map((listener) => listener.close()));
  rooms.news.close();
  await rooms.notifications.close();
  rooms.servers.close();
  await rooms.overview.close();
  rooms.objects.close();
  await rooms.canaries.close();
  await rooms.detections.close();
  await rooms.tasks.close();
  await rooms.presence.close();
  await rooms.applications.close();
  await rooms.audit.close();
  await rooms.checkpoints.close();
  await base.database.close();
}

function urlOf(app: Http, host: string): string {
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
