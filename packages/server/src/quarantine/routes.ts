/** The quarantine in the console API. */
import { Type } from 'typebox';
import { ObjectName } from '@cordon/protocol/channel/schemas';
import { consolePaths } from '@cordon/protocol/console';
import { FleetTask, QuarantineList, RestoreFiles } from '@cordon/protocol/console/schemas';
import { quarantineStates } from '@cordon/protocol/words';
import { scopeOf, to } from '../access/request-access.ts';
import { personActor } from '../audit/actors.ts';
import type { Http } from '../http/server.ts';
import type { Quarantine } from './quarantine.ts';

const tags = ['quarantine'];
const querystring = Type.Object({
  agent: Type.Optional(Type.String({ maxLength: 64 })),
  quarantine: Type.Optional(Type.String({ maxLength: 36 })),
  type: Type.Optional(ObjectName.properties.type),
  content: Type.Optional(Type.String({ maxLength: 2047 })),
  state: Type.Optional(Type.Enum([...quarantineStates])),
});

export function quarantineRoutes(scope: Http, quarantine: Quarantine): void {
  const listed = {
    summary: 'List quarantined files, newest first',
    tags,
    querystring,
    response: { 200: QuarantineList },
  };
  scope.get(consolePaths.quarantine, { schema: listed, ...to('read', 'quarantine') }, async (request) => {
    const { agent, quarantine: name, type, content, state } = request.query;
    const files = await quarantine.list({
      scope: scopeOf(request),
      ...(agent === undefined ? {} : { agent: agent.toLowerCase() }),
      ...(name === undefined ? {} : { quarantine: name.toLowerCase() }),
      ...(type === undefined ? {} : { type }),
      ...(content === undefined ? {} : { content: content.toUpperCase() }),
      ...(state === undefined ? {} : { state }),
    });
    return { files };
  });

  const restored = {
    summary: 'Restore quarantined files',
    tags,
    body: RestoreFiles,
    response: { 200: FleetTask },
  };
  scope.post(`${consolePaths.quarantine}/restore`, { schema: restored, ...to('change', 'quarantine') }, (request) =>
    quarantine.restore(personActor(request), request.body, scopeOf(request)),
  );
}
