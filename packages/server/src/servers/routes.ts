/** ProductServers of the Automation API. */
import { ProductServersAnswer, ServerQuery, productServersPath, resultSuccess } from '@cordon/protocol/automation';
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
