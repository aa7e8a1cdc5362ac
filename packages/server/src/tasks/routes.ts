/** Tasks in the console API. */
import { Type } from 'typebox';
import { consolePaths } from '@cordon/protocol/console';
import { AddTask, FleetTask, FleetTaskList, TaskDetails } from '@cordon/protocol/console/schemas';
import { scopeOf, to } from '../access/request-access.ts';
import { personActor } from '../audit/actors.ts';
import type { Http } from '../http/server.ts';
import type { Tasks } from './tasks.ts';

const tags = ['tasks'];
const params = Type.Object({ id: Type.String({ pattern: '^[0-9A-Za-z:_-]{1,64}$' }) });

export function taskRoutes(scope: Http, tasks: Tasks): void {
  const listed = { summary: 'List tasks, newest first', tags, response: { 200: FleetTaskList } };
  scope.get(consolePaths.tasks, { schema: listed, ...to('read', 'tasks') }, async (request) => ({
    tasks: await tasks.list(scopeOf(request)),
  }));

  const added = { summary: 'Start a task on agents', tags, body: AddTask, response: { 201: FleetTask } };
  scope.post(consolePaths.tasks, { schema: added, ...to('change', 'tasks') }, async (request, reply) =>
    reply.code(201).send(await tasks.add(personActor(request), request.body, scopeOf(request))),
  );

  const one = `${consolePaths.tasks}/:id`;
  const shown = { summary: 'Show a task and the progress of its agents', tags, params, response: { 200: TaskDetails } };
  scope.get(one, { schema: shown, ...to('read', 'tasks') }, (request) =>
    tasks.details(request.params.id, scopeOf(request)),
  );

  const cancelled = { summary: 'Cancel a task', tags, params, response: { 200: FleetTask } };
  scope.post(`${one}/cancel`, { schema: cancelled, ...to('change', 'tasks') }, (request) =>
    tasks.cancel(personActor(request), request.params.id, scopeOf(request)),
  );
}
