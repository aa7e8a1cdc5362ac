/** Opens the room of the managing servers. */
import type { Base } from '../base.ts';
import type { DesiredStates } from '../desired-state/desired-states.ts';
import type { Room } from '../room.ts';
import { version } from '../version.ts';
import { serverConsoleRoutes, serverRoutes } from './routes.ts';
import { Servers } from './servers.ts';

export interface ServersRoom extends Room {
  readonly servers: Servers;
}

export function openServers(
  { config, certificate, database, now, serverId: id }: Base,
  desiredStates: DesiredStates,
): ServersRoom {
  const servers = new Servers({
    database,
    now,
    version,
    renewDesired: (tx, at) => desiredStates.renewAll(tx, at),
    id,
    certificate: () => certificate.now,
    advertise: config.advertise,
  });
  certificate.onChange(() => void servers.beat());
  return {
    servers,
    routes: {
      automation: (scope) => serverRoutes(scope, servers),
      console: (scope) => serverConsoleRoutes(scope, servers),
    },
    start: () => servers.register(),
    close: () => servers.close(),
  };
}
