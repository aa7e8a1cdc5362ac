/** Commands in the console API. */
import { Type } from 'typebox';
import { consolePaths } from '@cordon/protocol/console';
import { CommandList } from '@cordon/protocol/console/schemas';
import { scopeOf, to } from '../access/request-access.ts';
import type { Database } from '../database/database.ts';
import type { Http } from '../http/server.ts';
import { listCommands } from './commands.ts';

const querystring = Type.Object({
  agent: Type.Optional(Type.String({ maxLength: 64 })),
  before: Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })),
  limit: Type.Optional(Type.String({ pattern: '^\\d{1,4}$' })),
});
const defaultLimit = 100;
const maxCommands = 1000;

export function commandRoutes(scope: Http, database: Database): void {
  const schema = {
    summary: 'List commands, newest first',
    tags: ['commands'],
    querystring,
    response: { 200: CommandList },
  };
  scope.get(consolePaths.commands, { schema, ...to('read', 'commands') }, async (request) => {
    const { agent, before, limit = defaultLimit } = request.query;
    const which = {
      agent,
      before: before === undefined ? undefined : Number(before),
      scope: scopeOf(request),
      limit: Math.min(maxCommands, Math.max(1, Number(limit))),
    };
    const commands = await listCommands(database, which);
    return { commands, next: commands.length === which.limit ? (commands.at(-1)?.id ?? null) : null };
  });
}
