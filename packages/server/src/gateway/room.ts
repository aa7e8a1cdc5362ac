/** Opens the rooms of the connections and of the gateway. */
import { forgedFact } from '../desired-state/seal.ts';
import { storePresence } from '../agents/table.ts';
import type { Audit } from '../audit/audit.ts';
import type { Base } from '../base.ts';
import type { BreakGlass } from '../desired-state/break-glass.ts';
import type { DesiredStates } from '../desired-state/desired-states.ts';
import type { Arrival } from '../enrolment/arrival.ts';
import type { Reports } from '../reports/reports.ts';
import type { Detections } from '../detections/detections.ts';
import type { Groups } from '../groups/groups.ts';
import type { Profiles } from '../profiles/profiles.ts';
import type { Room } from '../room.ts';
import type { Servers } from '../servers/servers.ts';
import type { SuspiciousObjects } from '../suspicious-objects/objects.ts';
import type { Tasks } from '../tasks/tasks.ts';
import { Connections } from './connections.ts';
import { Gateway } from './gateway.ts';
import { DesiredStateSender } from './desired-state-sender.ts';
import { Outbound } from './outbound.ts';
import { Presence } from './presence.ts';
import { Receipts } from './receipts.ts';
import { enrolmentRoutes } from './routes.ts';
import { SignedPages } from './signed-pages.ts';
import { TaskSender } from './task-sender.ts';

export interface ConnectionsRoom extends Room {
  readonly connections: Connections;
  readonly presence: Presence;
}

export function openConnections({ database, now, serverId: server }: Base): ConnectionsRoom {
  const connections = new Connections();
  const presence = new Presence({
    database,
    connections,
    now,
    server,
    store: (rows) => database.write((tx) => storePresence(tx, rows)),
  });
  return { connections, presence, close: () => presence.close() };
}

export interface GatewayRoom extends Room {
  readonly gateway: Gateway;
  readonly outbound: Outbound;
}

export interface GatewayRoomDeps extends Pick<ConnectionsRoom, 'connections' | 'presence'> {
  readonly arrival: Arrival;
  readonly audit: Audit;
  readonly breakGlass: BreakGlass;
  readonly desiredStates: DesiredStates;
  readonly detections: Detections;
  readonly groups: Groups;
  readonly objects: SuspiciousObjects;
  readonly profiles: Profiles;
  readonly reports: Reports;
  readonly servers: Servers;
  readonly tasks: Tasks;
}

const databaseActor = { name: 'server', source: 'database', requestId: '' };

export function openGateway(base: Base, deps: GatewayRoomDeps): GatewayRoom {
  const { key, now, publish } = base;
  const { arrival, audit, breakGlass, connections, desiredStates, groups, objects, profiles, servers } = deps;
  const desiredSender = new DesiredStateSender({
    connections,
    key,
    gatewaysFor: (home) => servers.gatewaysFor(home),
    publicKeyPins: () => base.pins.all,
    openings: (profile) => profiles.openings(profile),
    objectsOf: (group) => groups.settingsOf(group),
    breakGlass: (desired) => breakGlass.digest(desired),
    seal: desiredStates.seal,
    forged: (desired) => audit.refused(databaseActor, forgedFact(desired)),
  });
  const taskSender = new TaskSender({ connections, key, tasks: deps.tasks });
  const pages = new SignedPages({ objects, key, now });
  const outbound = new Outbound({
    connections,
    desiredSender,
    taskSender,
    pages,
    desiredOf: (numbers) => desiredStates.of(numbers),
    refresh: async () => {
      await profiles.refresh();
      await groups.refresh();
      await base.pins.refresh();
    },
  });
  const gateway = new Gateway({
    ...deps,
    pages,
    taskSender,
    outbound,
    publish,
    now,
    receipts: new Receipts(key),
    server: base.serverId,
    publicKeyPin: () => base.certificate.now.publicKeyPin,
  });
  return {
    gateway,
    outbound,
    // `app.ts` closes it before the listeners.
    routes: { gateway: (scope) => enrolmentRoutes(scope, { arrival, desiredSender }) },
  };
}
