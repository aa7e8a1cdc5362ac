/** Opens what an agent signed with its own key for its current enrolment. */
import { openDocument } from '@cordon/protocol/channel';
import type { DetectionBatch, Progress, SignedDocument } from '@cordon/protocol/channel';
import type { Arrived } from '../enrolment/arrival.ts';

/** This agent's detections, or an Error that says what is wrong with them. */
export function detectionsBy(agent: Arrived, signed: SignedDocument): DetectionBatch {
  return owned(agent, openDocument('detections', signed, agent.publicKey));
}

/** This agent's task progress, or an Error that says what is wrong with it. */
export function progressBy(agent: Arrived, signed: SignedDocument): Progress {
  return owned(agent, openDocument('progress', signed, agent.publicKey));
}

function owned<T extends { agent: string; enrolment: string }>(agent: Arrived, document: T): T {
  if (document.agent.toLowerCase() === agent.entityId && document.enrolment === agent.enrolment) return document;
  throw new Error('The document is about another agent or enrolment.');
}
