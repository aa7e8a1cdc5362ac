/** Opens the room of the agents. */
import type { Audit } from '../audit/audit.ts';
import type { Base } from '../base.ts';
import type { Presence } from '../gateway/presence.ts';
import type { Groups } from '../groups/groups.ts';
import type { Guard } from '../guard/guard.ts';
import type { Profiles } from '../profiles/profiles.ts';
import type { Room } from '../room.ts';
import type { Servers } from '../servers/servers.ts';
import { actRoutes } from './act-routes.ts';
import { Acts } from './acts.ts';
import { Agents } from './agents.ts';
import { Arrival } from './arrival.ts';
import { BreakGlass } from './break-glass.ts';
import { agentConsoleRoutes } from './console-routes.ts';
import { agentListRoute } from './list-routes.ts';
import { AgentList } from './list.ts';
import { Moves } from './moves.ts';
import { Reports } from './reports.ts';
import { agentRoutes } from './routes.ts';
import type { DesiredStateSeal } from './wish-seal.ts';

export interface AgentsRoom extends Room {
  readonly arrival: Arrival;
  readonly breakGlass: BreakGlass;
  readonly list: AgentList;
  readonly reports: Reports;
}

export interface AgentsRoomDeps {
  readonly audit: Audit;
  readonly groups: Groups;
  readonly guard: Guard;
  readonly presence: Presence;
  readonly profiles: Profiles;
  readonly seal: DesiredStateSeal;
  readonly servers: Servers;
}

export function openAgents(base: Base, deps: AgentsRoomDeps): AgentsRoom {
  const { database, now, publish, vault } = base;
  const { audit, groups, guard, presence, profiles, seal, servers } = deps;
  const isOnline: Presence['isOnline'] = (row) => presence.isOnline(row);
  const agents = new Agents({ database, audit, now });
  const breakGlass = new BreakGlass({ database, audit, vault, now });
  const list = new AgentList({ database, now, isOnline });
  const moves = new Moves({ database, audit, now, publish, seal, holdGroup: (tx, name) => groups.hold(tx, name) });
  const acts = new Acts({
    database,
    audit,
    guard,
    seal,
    now,
    publish,
    serverExists: (id) => servers.exists(id),
    profileExists: (name) => profiles.exists(name),
  });
  const enrolment = {
    database,
    audit,
    now,
    gateways: base.config.advertise,
    fingerprint: base.certificate.fingerprint,
    signingKey: base.key.publicKey,
  };
  return {
    arrival: new Arrival({ database, audit, now, home: base.serverId, seal }),
    breakGlass,
    list,
    reports: new Reports({ database, audit, now, seal }),
    routes: {
      automation: (scope) => agentRoutes(scope, { agents, acts, isOnline }),
      console: (scope) => {
        actRoutes(scope, acts);
        agentListRoute(scope, list);
        agentConsoleRoutes(scope, { agents, isOnline, breakGlass, moves, enrolment });
      },
    },
  };
}
