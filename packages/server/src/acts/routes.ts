/** Acts in the console API: preview, perform, approve. */
import { Type } from 'typebox';
import { consolePaths } from '@cordon/protocol/console';
import { ActOutcome, ActRequest } from '@cordon/protocol/console/schemas';
import { rulesOf } from '../act-table/act-table.ts';
import { requirePermission, scopeOf, to } from '../access/request-access.ts';
import { personActor } from '../audit/actors.ts';
import { personOf } from '../http/console.ts';
import type { Http } from '../http/server.ts';
import type { Acts } from './acts.ts';

const tags = ['acts'];
const params = Type.Object({ id: Type.String({ pattern: '^\\d{1,15}$' }) });
const response = { 200: ActOutcome };

export function actRoutes(scope: Http, acts: Acts): void {
  const performed = { summary: 'Isolate, release or uninstall agents', tags, body: ActRequest, response };
  scope.post(consolePaths.acts, { schema: performed, ...to('change', 'acts') }, (request) => {
    const { permission } = rulesOf(request.body.act);
    if (permission !== undefined) requirePermission(request, permission.access.verb, permission.access.resource);
    return acts.byPerson(personActor(request), request.body, scopeOf(request));
  });

  const previewed = {
    summary: 'Preview an act: the endpoints it would affect, and whether it needs approval',
    tags,
    body: ActRequest,
    response,
  };
  scope.post(`${consolePaths.acts}/preview`, { schema: previewed, ...to('read', 'acts') }, (request) =>
    acts.preview(personActor(request), request.body, scopeOf(request)),
  );

  const one = `${consolePaths.approvals}/:id`;
  const approved = { summary: 'Approve an act that the guard holds', tags, params, response };
  scope.post(`${one}/approve`, { schema: approved, ...to('change', 'approvals') }, (request) =>
    acts.approve(personActor(request), Number(request.params.id), personOf(request)),
  );

  const rejected = { summary: 'Reject an act that the guard holds', tags, params };
  scope.post(`${one}/reject`, { schema: rejected, ...to('change', 'approvals') }, async (request, reply) => {
    await acts.reject(personActor(request), Number(request.params.id), personOf(request));
    await reply.code(204).send();
  });
}
