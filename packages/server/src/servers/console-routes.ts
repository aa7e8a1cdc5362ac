/** Managing servers in the console API: what the Automation API does not show. */
import { consolePaths } from '@cordon/protocol/console';
import { ManagingServerList } from '@cordon/protocol/console/schemas';
import { to } from '../access/request-access.ts';
import type { Http } from '../http/server.ts';
import type { Servers } from './servers.ts';

export function serverConsoleRoutes(scope: Http, servers: Servers): void {
  const schema = { summary: 'List managing servers', tags: ['servers'], response: { 200: ManagingServerList } };
  scope.get(consolePaths.servers, { schema, ...to('read', 'agents') }, async () => ({
    servers: await servers.shown(),
  }));
}
