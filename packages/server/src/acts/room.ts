/** Opens the acts room. */
import type { Audit } from '../audit/audit.ts';
import type { Base } from '../base.ts';
import type { DesiredStates } from '../desired-state/desired-states.ts';
import type { Guard } from '../guard/guard.ts';
import type { Profiles } from '../profiles/profiles.ts';
import type { Room } from '../room.ts';
import type { Servers } from '../servers/servers.ts';
import { Acts } from './acts.ts';
import { actRoutes } from './routes.ts';

export interface ActsRoom extends Room {
  readonly acts: Acts;
}

export interface ActsRoomDeps {
  readonly audit: Audit;
  readonly desiredStates: DesiredStates;
  readonly guard: Guard;
  readonly profiles: Profiles;
  readonly servers: Servers;
}

export function openActs({ database, now, publish }: Base, deps: ActsRoomDeps): ActsRoom {
  const acts = new Acts({
    ...deps,
    database,
    now,
    publish,
    serverExists: (id) => deps.servers.exists(id),
    profileExists: (name) => deps.profiles.exists(name),
  });
  return { acts, routes: { console: (scope) => actRoutes(scope, acts) } };
}
