/** Suspicious objects in the console API. */
import { Type } from 'typebox';
import { consolePaths } from '@cordon/protocol/console';
import {
  ListedObject,
  ListedObjectPage,
  ObjectCheck,
  ObjectDetails,
  PutObject,
  UndoObject,
  UndoOutcome,
} from '@cordon/protocol/console/schemas';
import { scopeOf, to } from '../access/request-access.ts';
import { personActor } from '../audit/actors.ts';
import type { Http } from '../http/server.ts';
import type { ObjectList } from './object-list.ts';
import type { Undo } from './undo.ts';

const tags = ['objects'];
const path = consolePaths.objects;
const querystring = Type.Object({
  type: Type.Optional(Type.String({ maxLength: 16 })),
  search: Type.Optional(Type.String({ maxLength: 256 })),
  after: Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })),
  limit: Type.Optional(Type.String({ pattern: '^\\d{1,4}$' })),
});
const params = Type.Object({ type: Type.String({ maxLength: 16 }), content: Type.String({ maxLength: 2047 }) });
const defaultLimit = 100;
const maxObjects = 500;

export function objectConsoleRoutes(scope: Http, { catalogue, undo }: { catalogue: ObjectList; undo: Undo }): void {
  const listed = { summary: 'List suspicious objects', tags, querystring, response: { 200: ListedObjectPage } };
  scope.get(path, { schema: listed, ...to('read', 'objects') }, (request) => {
    const { type, search, after, limit } = request.query;
    const size = Math.min(maxObjects, Math.max(1, Number(limit ?? defaultLimit)));
    return catalogue.list({ type, search }, { after: after === undefined ? undefined : Number(after), limit: size });
  });

  const put = { summary: 'Add or change an object', tags, body: PutObject, response: { 200: ListedObject } };
  scope.post(path, { schema: put, ...to('change', 'objects') }, (request) =>
    catalogue.put(personActor(request), request.body),
  );

  const checked = {
    summary: 'Check whether an object is safe to list',
    tags,
    body: PutObject,
    response: { 200: ObjectCheck },
  };
  scope.post(`${path}/check`, { schema: checked, ...to('change', 'objects') }, (request) =>
    catalogue.check(request.body),
  );

  const undone = { summary: 'Undo an object everywhere', tags, body: UndoObject, response: { 200: UndoOutcome } };
  scope.post(`${path}/undo`, { schema: undone, ...to('change', 'objects') }, (request) =>
    undo.object(personActor(request), request.body),
  );

  const shown = { summary: 'Show an object and its status', tags, params, response: { 200: ObjectDetails } };
  scope.get(`${path}/:type/:content`, { schema: shown, ...to('read', 'objects') }, (request) =>
    catalogue.details(request.params.type, request.params.content, scopeOf(request)),
  );
}
