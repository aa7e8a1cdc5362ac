/** Managing servers: ProductServers of the Automation API, and what the console shows beyond it. */
import { ProductServersAnswer, ServerQuery, productServersPath, resultSuccess } from '@cordon/protocol/automation';
import { consolePaths } from '@cordon/protocol/console';
import { ManagingServerList } from '@cordon/protocol/console/schemas';
import { to } from '../access/request-access.ts';
import { refuseOtherMethods } from '../http/automation.ts';
import type { Http } from '../http/server.ts';
import type { Servers } from './servers.ts';

export function serverRoutes(scope: Http, servers: Servers): void {
  scope.get(
    productServersPath,
    {
      schema: {
        summary: 'List managed servers',
        tags: ['servers'],
        querystring: ServerQuery,
        response: { 200: ProductServersAnswer },
      },
    },
    (request) => resultSuccess(servers.list(request.query)),
  );
  refuseOtherMethods(scope, productServersPath, ['GET']);
}

export function serverConsoleRoutes(scope: Http, servers: Servers): void {
  const schema = { summary: 'List managing servers', tags: ['servers'], response: { 200: ManagingServerList } };
  scope.get(consolePaths.servers, { schema, ...to('read', 'agents') }, async () => ({
    servers: await servers.shown(),
  }));
}
