/** GET overview of the console API. */
import { Type } from 'typebox';
import { consolePaths } from '@cordon/protocol/console';
import { Overview as OverviewAnswer } from '@cordon/protocol/console/schemas';
import { scopeOf, to } from '../access/request-access.ts';
import type { Http } from '../http/server.ts';
import type { Overview } from './overview.ts';

const milliseconds = Type.Optional(Type.String({ pattern: '^\\d{1,15}$' }));
const querystring = Type.Object({ since: milliseconds, until: milliseconds });

export function overviewRoutes(scope: Http, overview: Overview): void {
  const schema = {
    summary: 'What is isolated now, and the fleet over time',
    tags: ['overview'],
    querystring,
    response: { 200: OverviewAnswer },
  };
  scope.get(consolePaths.overview, { schema, ...to('read', 'overview') }, (request) => {
    const { since, until } = request.query;
    const span = {
      since: since === undefined ? undefined : Number(since),
      until: until === undefined ? undefined : Number(until),
    };
    return overview.show(span, scopeOf(request));
  });
}
