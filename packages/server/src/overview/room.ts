/** Opens the overview room. */
import type { AgentList } from '../agents/list.ts';
import type { Base } from '../base.ts';
import type { Connections } from '../gateway/connections.ts';
import type { Guard } from '../guard/guard.ts';
import type { Room } from '../room.ts';
import { Overview } from './overview.ts';
import { overviewRoutes } from './routes.ts';

export interface OverviewRoom extends Room {
  readonly overview: Overview;
}

export function openOverview(
  { database, now, serverId: server }: Base,
  { connections, guard, list }: { connections: Connections; guard: Guard; list: AgentList },
): OverviewRoom {
  const overview = new Overview({
    database,
    now,
    server,
    online: () => connections.size,
    counted: (scope) => list.counted(scope),
    waiting: (scope) => guard.waiting(scope),
  });
  return {
    overview,
    routes: { console: (scope) => overviewRoutes(scope, overview) },
    close: () => overview.close(),
  };
}
