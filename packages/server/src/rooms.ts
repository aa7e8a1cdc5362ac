/** The rooms of one server, made and introduced to one another. Nothing is decided here. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { makePeople } from './accounts/people.ts';
import type { People } from './accounts/people.ts';
import { Acts } from './agents/acts.ts';
import { Agents } from './agents/agents.ts';
import { Arrival } from './agents/arrival.ts';
import { Reports } from './agents/reports.ts';
import { BreakGlass } from './agents/break-glass.ts';
import { AgentList } from './agents/list.ts';
import { Moves } from './agents/moves.ts';
import {
  agentsNamed,
  changedDesired,
  renewDesired,
  renewDesiredIn,
  renewDesiredUnder,
  savePresence,
} from './agents/wishes.ts';
import { DesiredStateSeal, forgedFact } from './agents/wish-seal.ts';
import { Applications } from './applications/applications.ts';
import { Audit } from './audit/audit.ts';
import { Checkpoints } from './audit/checkpoints.ts';
import type { Base } from './base.ts';
import { makeBite } from './object-enforcement.ts';
import type { Bite } from './object-enforcement.ts';
import { Connections } from './gateway/connections.ts';
import { NodeNews } from './gateway/node-news.ts';
import { DesiredStateSender } from './gateway/orders.ts';
import { Presence } from './gateway/presence.ts';
import { GroupSeal } from './groups/group-seal.ts';
import { Groups } from './groups/groups.ts';
import { Guard } from './guard/guard.ts';
import { Notifications } from './notifications/notifications.ts';
import { Live } from './live/live.ts';
import { Overview } from './overview/overview.ts';
import { Profiles } from './profiles/profiles.ts';
import { Servers } from './servers/servers.ts';

/** The rooms that know only the base. */
interface Inner {
  readonly agents: Agents;
  readonly applications: Applications;
  readonly arrival: Arrival;
  readonly audit: Audit;
  readonly breakGlass: BreakGlass;
  readonly checkpoints: Checkpoints;
  readonly connections: Connections;
  readonly guard: Guard;
  readonly notifications: Notifications;
  readonly people: People;
  readonly list: AgentList;
  readonly live: Live;
  readonly overview: Overview;
  readonly presence: Presence;
  readonly reports: Reports;
  readonly seal: DesiredStateSeal;
  readonly servers: Servers;
}

export interface Rooms extends Inner, Bite {
  readonly acts: Acts;
  readonly groups: Groups;
  readonly moves: Moves;
  readonly news: NodeNews;
  readonly desiredSender: DesiredStateSender;
  readonly profiles: Profiles;
}

/** The version of this package, for people who ask which one they run. */
export const version: string = String(
  Object(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))).version,
);

export function makeRooms(base: Base): Rooms {
  const inner = makeInner(base);
  const { database, now } = base;
  const { audit, guard, servers } = inner;
  // These tell one another what has changed, so each is named before the next exists.
  const { live, seal } = inner;
  const profiles: Profiles = new Profiles({
    database,
    audit,
    now,
    renewDesired: (tx, profile, at) => renewDesiredUnder(tx, profile, { database, seal, now: at }),
    tell: (numbers) => news.agentsChanged(numbers),
  });
  const tellObjects = (revision: number): void => {
    news.objectsChanged(revision);
    live.tell('objects');
  };
  const groups: Groups = makeGroups(base, inner, (numbers) => news.agentsChanged(numbers));
  const bite: Bite = makeBite({
    ...base,
    ...inner,
    groups,
    tellTask: (task) => {
      news.taskChanged(task);
      live.tellOf('tasks', () => bite.tasks.agentIds(task));
    },
    tellProgress: (agent) => live.tell('tasks', [agent]),
    tellObjects,
  });
  bite.detections.onStored((records) =>
    live.tell(
      'detections',
      records.map((record) => record.agent),
    ),
  );
  const desiredSender = makeDesiredStateSender(base, inner, { profiles, groups });
  const news: NodeNews = makeNews(base, inner, { desiredSender, profiles, groups, bite });
  const moves = new Moves({
    database,
    audit,
    now,
    seal,
    holdGroup: (tx, name) => groups.hold(tx, name),
    tell: (desiredStates) => news.desiredChanged(desiredStates),
  });
  const acts = new Acts({
    database,
    audit,
    guard,
    seal,
    now,
    serverExists: (id) => servers.exists(id),
    profileExists: (name) => profiles.exists(name),
    tell: (desiredStates, agents) => {
      news.desiredChanged(desiredStates);
      tellOfAct(live, desiredStates, agents);
    },
  });
  return { ...inner, ...bite, acts, groups, moves, news, desiredSender, profiles };
}

function makeGroups(
  { database, now, vault }: Base,
  { audit, seal }: Inner,
  tell: (agents: readonly number[]) => void,
): Groups {
  return new Groups({
    database,
    audit,
    now,
    seal: new GroupSeal(vault),
    renewDesired: (tx, group, at) => renewDesiredIn(tx, group, { database, seal, now: at }),
    tell,
  });
}

function makeInner(base: Base): Inner {
  const { database, now, key, vault, serverId: server } = base;
  const audit = new Audit(database, now);
  const applications = new Applications({ database, vault, audit, now });
  const connections = new Connections();
  const seal = new DesiredStateSeal(vault);
  const list = new AgentList({ database, now, isOnline: (row) => presence.isOnline(row) });
  const guard = new Guard({ database, audit, now, keyHolders: (tx, id) => applications.keyHolders(tx, id) });
  const idleMilliseconds = base.config.idleMinutes * 60_000;
  const people: People = makePeople({
    database,
    audit,
    vault,
    now,
    passwordCost: base.passwordCost,
    idleMilliseconds,
    ended: () => live.sessionsEnded(),
  });
  const live = makeLive(base, list, people);
  const store = (rows: Parameters<typeof savePresence>[1]): Promise<void> => savePresence(database, rows);
  const presence = new Presence({ database, connections, now, server, store });
  return {
    audit,
    connections,
    seal,
    agents: new Agents({ database, audit, now }),
    applications,
    arrival: new Arrival({ database, audit, now, home: server, seal }),
    reports: new Reports({ database, audit, now, seal }),
    breakGlass: new BreakGlass({ database, audit, vault, now }),
    checkpoints: new Checkpoints({ database, key, now }),
    guard,
    notifications: new Notifications({
      database,
      vault,
      audit,
      now,
      version,
      allowPrivate: base.config.callPrivate,
    }),
    people,
    list,
    live,
    overview: makeOverview(base, { connections, guard, list }),
    presence,
    servers: new Servers({
      database,
      now,
      version,
      renewDesired: (tx, at) => renewDesired(tx, seal, at),
      id: server,
      fingerprint: base.certificate.fingerprint,
      advertise: base.config.advertise,
    }),
  };
}

function makeOverview(
  { database, now, serverId: server }: Base,
  { connections, guard, list }: Pick<Inner, 'connections' | 'guard' | 'list'>,
): Overview {
  return new Overview({
    database,
    now,
    server,
    online: () => connections.size,
    counted: (scope) => list.counted(scope),
    waiting: (scope) => guard.waiting(scope),
  });
}

function makeLive({ database }: Base, list: AgentList, people: People): Live {
  return new Live({
    node: randomUUID(),
    notify: (topic) => database.notify(topic),
    changed: (kind) => {
      if (kind === 'agents') list.statesChanged();
    },
    foldersOf: (agents) => list.foldersOf(agents),
    standing: (sessions) => people.sessions.standing(sessions),
  });
}

/** An act on these agents has changed wishes, or waits for a second person, or is decided. */
function tellOfAct(
  live: Live,
  desiredStates: readonly { entity_id: string }[],
  agents: readonly { entity_id: string }[],
): void {
  const idsOf = (some: typeof agents): string[] => some.map((agent) => agent.entity_id);
  if (desiredStates.length > 0) live.tell('agents', idsOf(desiredStates));
  live.tell('commands', idsOf(agents));
  live.tell('approvals', idsOf(agents));
}

function makeDesiredStateSender(
  base: Base,
  inner: Inner,
  from: { profiles: Profiles; groups: Groups },
): DesiredStateSender {
  const { profiles, groups } = from;
  const { audit, breakGlass, connections, seal, servers } = inner;
  const actor = { name: 'server', source: 'database', requestId: '' };
  return new DesiredStateSender({
    connections,
    key: base.key,
    gatewaysFor: (home) => servers.gatewaysFor(home),
    openings: (profile) => profiles.openings(profile),
    objectsOf: (group) => groups.settingsOf(group),
    refresh: async () => {
      await profiles.refresh();
      await groups.refresh();
    },
    breakGlass: (desired) => breakGlass.digest(desired),
    seal,
    forged: (desired) => audit.refused(actor, forgedFact(desired)),
  });
}

function makeNews(
  { database, now }: Base,
  { applications, connections, live }: Inner,
  told: { desiredSender: DesiredStateSender; profiles: Profiles; groups: Groups; bite: Bite },
): NodeNews {
  return new NodeNews({
    database,
    now,
    connections,
    desiredSender: told.desiredSender,
    taskSender: told.bite.taskSender,
    tasksSince: (since) => told.bite.tasks.since(since),
    refreshGroups: () => told.groups.refresh(),
    agentsNamed: (numbers) => agentsNamed(database, numbers),
    changedDesired: (since) => changedDesired(database, since),
    refreshApplications: () => applications.refresh(),
    refreshProfiles: () => told.profiles.refresh(),
    objectsRevision: () => told.bite.objects.revision(),
    hearLive: (topic) => live.hear(topic),
  });
}
