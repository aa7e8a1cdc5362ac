/** Enrolment tokens in the console API. */
import { consolePaths } from '@cordon/protocol/console';
import { AddEnrolmentToken, NewEnrolmentToken } from '@cordon/protocol/console/schemas';
import { to } from '../access/request-access.ts';
import { personActor } from '../audit/actors.ts';
import type { Http } from '../http/server.ts';
import { makeEnrolmentToken } from './tokens.ts';
import type { EnrolmentDeps } from './tokens.ts';

export function enrolmentTokenRoute(scope: Http, deps: EnrolmentDeps): void {
  const added = { summary: 'Create an enrolment token; it is shown once', tags: ['agents'], body: AddEnrolmentToken };
  scope.post(
    consolePaths.enrolmentTokens,
    { schema: { ...added, response: { 201: NewEnrolmentToken } }, ...to('change', 'fleet') },
    async (request, reply) => reply.code(201).send(await makeEnrolmentToken(deps, personActor(request), request.body)),
  );
}
