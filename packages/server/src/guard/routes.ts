/** The guard in the console API: its settings, and what it holds. */
import { Type } from 'typebox';
import { consolePaths } from '@cordon/protocol/console';
import { Approval, ApprovalList, GuardSettings } from '@cordon/protocol/console/schemas';
import { scopeOf, to } from '../access/request-access.ts';
import { personActor } from '../audit/actors.ts';
import type { Http } from '../http/server.ts';
import type { Guard } from './guard.ts';

const tags = ['guard'];

export function guardRoutes(scope: Http, guard: Guard): void {
  const summary = 'List approvals: all that are pending, then the newest decided ones';
  const listed = { summary, tags, response: { 200: ApprovalList } };
  scope.get(consolePaths.approvals, { schema: listed, ...to('read', 'approvals') }, async (request) => ({
    approvals: await guard.approvals(scopeOf(request)),
  }));

  const params = Type.Object({ id: Type.String({ pattern: '^[0-9]{1,15}$' }) });
  const one = { summary: 'Show one approval', tags, params, response: { 200: Approval } };
  scope.get(`${consolePaths.approvals}/:id`, { schema: one, ...to('read', 'approvals') }, (request) =>
    guard.approval(Number(request.params.id), scopeOf(request)),
  );

  const read = { summary: 'Show the settings of the guard', tags, response: { 200: GuardSettings } };
  scope.get(consolePaths.guard, { schema: read, ...to('read', 'guard') }, () => guard.settings());

  const changed = { summary: 'Change the settings of the guard', tags, body: GuardSettings };
  scope.put(consolePaths.guard, { schema: changed, ...to('change', 'guard') }, async (request, reply) => {
    await guard.change(personActor(request), request.body);
    await reply.code(204).send();
  });
}
