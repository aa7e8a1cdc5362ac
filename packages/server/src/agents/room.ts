/** Opens the agents room. */
import type { Acts } from '../acts/acts.ts';
import type { Audit } from '../audit/audit.ts';
import type { Base } from '../base.ts';
import type { BreakGlass } from '../desired-state/break-glass.ts';
import type { GroupMoves } from '../groups/group-moves.ts';
import type { Presence } from '../gateway/presence.ts';
import type { Room } from '../room.ts';
import { Agents } from './agents.ts';
import { agentConsoleRoutes, agentListRoute } from './console-routes.ts';
import { AgentList } from './list.ts';
import { agentRoutes } from './routes.ts';

export interface AgentsRoom extends Room {
  readonly list: AgentList;
}

export interface AgentsRoomDeps {
  readonly acts: Acts;
  readonly audit: Audit;
  readonly breakGlass: BreakGlass;
  readonly moves: GroupMoves;
  readonly presence: Presence;
}

export function openAgents({ database, now }: Base, deps: AgentsRoomDeps): AgentsRoom {
  const { acts, audit, breakGlass, moves, presence } = deps;
  const isOnline: Presence['isOnline'] = (row) => presence.isOnline(row);
  const agents = new Agents({ database, audit, now });
  const list = new AgentList({ database, now, isOnline });
  return {
    list,
    routes: {
      automation: (scope) => agentRoutes(scope, { agents, acts, isOnline }),
      console: (scope) => {
        agentListRoute(scope, list);
        agentConsoleRoutes(scope, {
          agents,
          isOnline,
          breakGlassCodes: (actor, agent) => breakGlass.codes(actor, agent),
          moveToGroup: (actor, agent, group) => moves.toGroup(actor, agent, group),
        });
      },
    },
  };
}
