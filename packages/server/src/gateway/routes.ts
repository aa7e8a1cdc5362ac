/** Enrolment over HTTPS: the one request an endpoint makes before it has a channel. */
import { EnrolAnswer, EnrolRequest } from '@cordon/protocol/channel/schemas';
import type { Arrival } from '../enrolment/arrival.ts';
import { stranger } from '../audit/actors.ts';
import type { Http } from '../http/server.ts';
import type { DesiredStateSender } from './desired-state-sender.ts';

export function enrolmentRoutes(scope: Http, parts: { arrival: Arrival; desiredSender: DesiredStateSender }): void {
  const schema = {
    summary: 'Enrol an endpoint',
    tags: ['gateway'],
    body: EnrolRequest,
    response: { 201: EnrolAnswer },
  };
  scope.post('/agent/v1/enrol', { schema, bodyLimit: 65_536 }, async (request, reply) => {
    const desired = await parts.arrival.enrol(stranger(request), request.body);
    return reply
      .code(201)
      .send({ agent: desired.entity_id, enrolment: desired.enrolment, desired: parts.desiredSender.sign(desired) });
  });
}
