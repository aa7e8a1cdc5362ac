/** Opens the room of the managing servers. */
import { renewDesired } from '../agents/wishes.ts';
import type { DesiredStateSeal } from '../agents/wish-seal.ts';
import type { Base } from '../base.ts';
import type { Room } from '../room.ts';
import { version } from '../version.ts';
import { serverConsoleRoutes } from './console-routes.ts';
import { serverRoutes } from './routes.ts';
import { Servers } from './servers.ts';

export interface ServersRoom extends Room {
  readonly servers: Servers;
}

export function openServers(
  { config, certificate, database, now, serverId: id }: Base,
  seal: DesiredStateSeal,
): ServersRoom {
  const servers = new Servers({
    database,
    now,
    version,
    renewDesired: (tx, at) => renewDesired(tx, seal, at),
    id,
    fingerprint: certificate.fingerprint,
    advertise: config.advertise,
  });
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
