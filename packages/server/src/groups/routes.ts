/** Groups of agents in the console API. */
import { Type } from 'typebox';
import { consolePaths } from '@cordon/protocol/console';
import { Group, GroupBody, GroupList } from '@cordon/protocol/console/schemas';
import { to } from '../access/request-access.ts';
import { personActor } from '../audit/actors.ts';
import type { Http } from '../http/server.ts';
import type { Groups } from './groups.ts';

const tags = ['groups'];
const params = Type.Object({ name: Type.String({ minLength: 1, maxLength: 64 }) });

export function groupRoutes(scope: Http, groups: Groups): void {
  const one = `${consolePaths.groups}/:name`;
  const listed = { summary: 'List groups of agents', tags, response: { 200: GroupList } };
  scope.get(consolePaths.groups, { schema: listed, ...to('read', 'groups') }, async () => ({
    groups: await groups.list(),
  }));

  const added = { summary: 'Add or change a group; its agents apply it at once', tags, params, body: GroupBody };
  const put = { ...added, response: { 200: Group } };
  scope.put(one, { schema: put, ...to('change', 'groups') }, (request) =>
    groups.put(personActor(request), request.params.name, request.body),
  );

  const removed = { summary: 'Remove an empty group', tags, params };
  scope.delete(one, { schema: removed, ...to('change', 'groups') }, async (request, reply) => {
    await groups.remove(personActor(request), request.params.name);
    await reply.code(204).send();
  });
}
