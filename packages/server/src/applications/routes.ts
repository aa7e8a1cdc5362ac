/** Applications in the console API. */
import { Type } from 'typebox';
import { consolePaths } from '@cordon/protocol/console';
import {
  AddApplication,
  Application,
  ApplicationDraft,
  ApplicationList,
  ApplicationWithKey,
  ChangeApplication,
} from '@cordon/protocol/console/schemas';
import { to } from '../access/request-access.ts';
import { personActor } from '../audit/actors.ts';
import type { Http } from '../http/server.ts';
import type { Applications } from './applications.ts';

const tags = ['applications'];
const read = to('read', 'applications');
const change = to('change', 'applications');
const params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });

export function applicationRoutes(scope: Http, applications: Applications): void {
  const one = `${consolePaths.applications}/:id`;
  const listed = { summary: 'List applications', tags, response: { 200: ApplicationList } };
  scope.get(consolePaths.applications, { schema: listed, ...read }, async () => ({
    applications: await applications.list(),
  }));

  const added = { summary: 'Add an application; its key is shown only once', tags, body: AddApplication };
  scope.post(
    consolePaths.applications,
    { schema: { ...added, response: { 201: ApplicationWithKey } }, ...change },
    async (request, reply) => reply.code(201).send(await applications.add(personActor(request), request.body)),
  );

  const drafted = { summary: 'Draft an ID and a key without saving them', tags };
  scope.post(
    `${consolePaths.applications}/draft`,
    { schema: { ...drafted, response: { 200: ApplicationDraft } }, ...change },
    async () => applications.draft(),
  );

  const changed = { summary: 'Change an application', tags, params, body: ChangeApplication };
  scope.patch(one, { schema: { ...changed, response: { 200: Application } }, ...change }, (request) =>
    applications.change(personActor(request), request.params.id, request.body),
  );

  const rotated = { summary: 'Give an application a new key', tags, params, response: { 200: ApplicationWithKey } };
  scope.post(`${one}/rotate`, { schema: rotated, ...change }, (request) =>
    applications.rotate(personActor(request), request.params.id),
  );

  const removed = { summary: 'Remove an application', tags, params };
  scope.delete(one, { schema: removed, ...change }, async (request, reply) => {
    await applications.remove(personActor(request), request.params.id);
    await reply.code(204).send();
  });
}
