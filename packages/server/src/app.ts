/** One server: the list of its rooms, started and closed in order. */
import { openAccounts } from './sign-in/room.ts';
import type { Accounts } from './accounts/accounts.ts';
import { productionPasswordCost } from './accounts/passwords.ts';
import type { PasswordCost } from './accounts/passwords.ts';
import { openAgents } from './agents/room.ts';
import { openActs } from './acts/room.ts';
import { openDesiredStates } from './desired-state/room.ts';
import { openEnrolment } from './enrolment/room.ts';
import { openReports } from './reports/room.ts';
import { openApplications } from './applications/room.ts';
import { openAudit } from './audit/room.ts';
import { openBase } from './base.ts';
import type { Base } from './base.ts';
import { openCluster } from './cluster/room.ts';
import { openCommands } from './commands/room.ts';
import type { Config } from './config.ts';
import { openDetections } from './detections/room.ts';
import { subscribers } from './events/subscribers.ts';
import { openConnections, openGateway } from './gateway/room.ts';
import { openGroups } from './groups/room.ts';
import { openGuard } from './guard/room.ts';
import { makeMetrics } from './http/metrics.ts';
import { openListeners } from './listeners.ts';
import { openInstallation } from './installation/room.ts';
import { openLive } from './live/room.ts';
import { notificationMetrics } from './notifications/metrics.ts';
import { openNotifications } from './notifications/room.ts';
import { openOverview } from './overview/room.ts';
import { openProfiles } from './profiles/room.ts';
import { openQuarantine } from './quarantine/room.ts';
import type { QuarantineRoom } from './quarantine/room.ts';
import type { Room } from './room.ts';
import type { Certificate } from './secrets/certificate.ts';
import { openCertificateRenewal } from './certificate/room.ts';
import { openServers } from './servers/room.ts';
import type { CanariesDeps } from './canaries/canaries.ts';
import { taskConsequences } from './object-status/task-consequences.ts';
import { openObjects } from './object-status/room.ts';
import type { ObjectsRoom } from './object-status/room.ts';
import { openTasks } from './tasks/room.ts';

/** A running server. */
export interface App {
  readonly certificate: Certificate;
  readonly accounts: Accounts;
  /** Its address, `https://host:port`; with the port the system chose where 0 was configured. */
  readonly url: string;
  /** The console's address: the same, unless the console has one of its own. */
  readonly consoleUrl: string;
  /** Finishes running work, writes what is pending, and closes everything. */
  close(): Promise<void>;
}

export interface AppOptions {
  /** The production cost by default; tests that are not about passwords set a smaller one. */
  readonly passwordCost?: PasswordCost;
}

/** Starts a server; it answers requests once this resolves. */
export async function openApp(
  config: Config,
  { passwordCost = productionPasswordCost }: AppOptions = {},
): Promise<App> {
  const base = await openBase(config, { now: Date.now, passwordCost });
  const rooms = openRooms(base);
  const metrics = makeMetrics({
    connectedAgents: () => rooms.connections.size,
    openTasks: () => rooms.tasks.open(),
  });
  notificationMetrics(metrics.registry, rooms.notifications);
  base.events.subscribe(subscribers({ ...rooms, metrics }));
  for (const room of rooms.list) await room.start?.();
  const listeners = await openListeners(base, { ...rooms, rooms: rooms.list, metrics });
  return {
    certificate: base.certificate.now,
    accounts: rooms.accounts,
    url: listeners.url,
    consoleUrl: listeners.consoleUrl,
    close: async () => {
      // Channels and live pages first: a listener waits until its connections have ended.
      rooms.gateway.close();
      await rooms.live.close();
      await listeners.close?.();
      for (const room of rooms.list.toReversed()) await room.close?.();
      await base.database.close();
    },
  };
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the rooms say their own types
function openRooms(base: Base) {
  const auditRoom = openAudit(base);
  const { audit } = auditRoom;
  const applications = openApplications(base, audit);
  const accounts = openAccounts(base, audit);
  const connections = openConnections(base);
  const desired = openDesiredStates(base, audit);
  const servers = openServers(base, desired.desiredStates);
  const profiles = openProfiles(base, { audit, ...desired });
  const groups = openGroups(base, { audit, ...desired });
  const guard = openGuard(base, { audit, ...applications });
  const inner = { audit, ...applications, ...connections, ...desired, ...servers, ...profiles, ...groups, ...guard };
  const acts = openActs(base, inner);
  const agents = openAgents(base, { ...inner, ...acts });
  const reports = openReports(base, inner);
  const installation = openInstallation(base, servers.servers);
  const enrolment = openEnrolment(base, { ...inner, ...installation });
  const ground = { ...inner, ...agents, ...reports, ...enrolment };
  const consequences = taskConsequences(base.now, () => ({ ...quarantine, ...objects }));
  const tasks = openTasks(base, { ...ground, consequences });
  const quarantine: QuarantineRoom = openQuarantine(base, tasks.tasks);
  const agentsDetecting: CanariesDeps['agentsDetecting'] = (...asked) =>
    detections.detections.agentsDetecting(...asked);
  const objects: ObjectsRoom = openObjects(base, {
    ...ground,
    ...tasks,
    ...quarantine,
    agentsDetecting: agentsDetecting,
  });
  const all = { ...ground, ...tasks, ...quarantine, ...objects };
  const detections = openDetections(base, all);
  const gateway = openGateway(base, { ...all, ...detections });
  const live = openLive(base, { ...accounts, ...agents });
  const overview = openOverview(base, all);
  const notifications = openNotifications(base, audit);
  const cluster = openCluster(base, { ...all, ...gateway, ...live });
  const first: Room[] = [auditRoom, applications, accounts, connections, desired, servers, profiles, groups, guard];
  const list = first.concat([
    acts,
    agents,
    reports,
    enrolment,
    installation,
    openCommands(base),
    tasks,
    quarantine,
    objects,
  ]);
  list.push(
    detections,
    overview,
    notifications,
    live,
    gateway,
    cluster,
    openCertificateRenewal(base, { ...all, ...gateway }),
  );
  return { ...all, ...accounts, ...overview, ...notifications, ...gateway, ...live, ...cluster, list };
}
