/** The guard in the console API: its settings, and what it holds. */
import { ApprovalList, GuardSettings, consolePaths } from '@cordon/protocol/console';
import { scopeOf, to } from '../accounts/permitted.ts';
import { personActor } from '../audit/actors.ts';
import type { Http } from '../http/server.ts';
import type { Guard } from './guard.ts';

const tags = ['guard'];
const mostApprovals = 200;

export function guardRoutes(scope: Http, guard: Guard): void {
  const listed = { summary: 'Acts that were held, newest first', tags, response: { 200: ApprovalList } };
  scope.get(consolePaths.approvals, { schema: listed, ...to('read', 'approvals') }, async (request) => ({
    approvals: await guard.approvals(mostApprovals, scopeOf(request)),
  }));

  const read = { summary: 'The settings of the guard', tags, response: { 200: GuardSettings } };
  scope.get(consolePaths.guard, { schema: read, ...to('read', 'guard') }, () => guard.settings());

  const changed = { summary: 'Change the settings of the guard', tags, body: GuardSettings };
  scope.put(consolePaths.guard, { schema: changed, ...to('change', 'guard') }, async (request, reply) => {
    await guard.change(personActor(request), request.body);
    await reply.code(204).send();
  });
}
