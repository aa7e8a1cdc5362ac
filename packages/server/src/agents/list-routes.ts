/** GET agents of the console API: the list that people search and scroll. */
import { Type } from 'typebox';
import { consolePaths } from '@cordon/protocol/console';
import { AgentPage } from '@cordon/protocol/console/schemas';
import { scopeOf, to } from '../access/request-access.ts';
import type { Http } from '../http/server.ts';
import type { AgentList } from './list.ts';

const isolations = ['normal', 'isolating', 'isolated', 'releasing', 'unsupported'] as const;

const querystring = Type.Object({
  search: Type.Optional(Type.String({ maxLength: 200 })),
  /** One state, or several separated by commas. */
  isolation: Type.Optional(Type.String({ pattern: `^(${isolations.join('|')})(,(${isolations.join('|')}))*$` })),
  online: Type.Optional(Type.Union([Type.Literal('true'), Type.Literal('false')])),
  /** Milliseconds since 1970: selects the newest agents instead, and ignores every other filter. */
  enrolledSince: Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })),
  offset: Type.Optional(Type.String({ pattern: '^\\d{1,7}$' })),
  limit: Type.Optional(Type.String({ pattern: '^\\d{1,4}$' })),
});
const defaultLimit = 100;
const maxAgents = 1000;

export function agentListRoute(scope: Http, list: AgentList): void {
  const schema = {
    summary: 'Search and page through the agents, by host name',
    tags: ['agents'],
    querystring,
    response: { 200: AgentPage },
  };
  scope.get(consolePaths.agents, { schema, ...to('read', 'agents') }, (request) => {
    const { search, isolation, online, enrolledSince, offset, limit } = request.query;
    const most = Math.min(maxAgents, Math.max(1, Number(limit ?? defaultLimit)));
    if (enrolledSince !== undefined) return list.arrivedSince(Number(enrolledSince), scopeOf(request), most);
    const states = isolations.filter((state) => isolation?.split(',').includes(state));
    return list.page(
      {
        search: search ?? '',
        isolation: states,
        online: online === undefined ? undefined : online === 'true',
        folders: scopeOf(request),
      },
      { offset: Number(offset ?? 0), limit: most },
    );
  });
}
