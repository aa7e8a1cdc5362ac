/** The requests that root at the endpoint may send to the enforcer, and its answers. */
import { decoderOf } from './line-decoder.ts';
import type { Decoder } from './line-decoder.ts';
import { controlAnswerShape, controlRequestShape, objectsStatusShape } from './control-messages.shape.ts';
import type { ControlAnswer, ControlRequest, ObjectsStatus } from './control-messages.shape.ts';

export type { ControlAnswer, ControlRequest, ObjectsStatus } from './control-messages.shape.ts';

export const decodeControlRequest: Decoder<ControlRequest> = decoderOf(controlRequestShape);
export const decodeControlAnswer: Decoder<ControlAnswer> = decoderOf(controlAnswerShape);
export const decodeObjectsStatus: Decoder<ObjectsStatus> = decoderOf(objectsStatusShape);
