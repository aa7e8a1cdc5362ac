/** Isolation profiles in the console API. */
import { Type } from 'typebox';
import { consolePaths } from '@cordon/protocol/console';
import { ProfileBody, ProfileList } from '@cordon/protocol/console/schemas';
import { to } from '../access/request-access.ts';
import { personActor } from '../audit/actors.ts';
import type { Http } from '../http/server.ts';
import type { Profiles } from './profiles.ts';

const tags = ['profiles'];
const params = Type.Object({ name: Type.String({ minLength: 1, maxLength: 64 }) });

export function profileRoutes(scope: Http, profiles: Profiles): void {
  const one = `${consolePaths.profiles}/:name`;
  const listed = { summary: 'List isolation profiles', tags, response: { 200: ProfileList } };
  scope.get(consolePaths.profiles, { schema: listed, ...to('read', 'profiles') }, () => ({
    profiles: profiles.list(),
  }));

  const put = {
    summary: 'Add or replace a profile; isolated endpoints apply it at once',
    tags,
    params,
    body: ProfileBody,
  };
  scope.put(one, { schema: put, ...to('change', 'profiles') }, async (request, reply) => {
    await profiles.put(personActor(request), request.params.name, request.body);
    await reply.code(204).send();
  });

  const removed = { summary: 'Remove a profile', tags, params };
  scope.delete(one, { schema: removed, ...to('change', 'profiles') }, async (request, reply) => {
    await profiles.remove(personActor(request), request.params.name);
    await reply.code(204).send();
  });
}
