/** Signed receipts: confirm to an agent what is stored. Nobody in between can forge one. */
import { signDocument } from '@cordon/protocol/channel';
import type { SignedDocument } from '@cordon/protocol/channel';
import type { Arrived } from '../enrolment/arrival.ts';
import type { StoredUpTo } from '../detections/detections.ts';
import type { SigningKey } from '../secrets/signing-key.ts';

export class Receipts {
  readonly #key: SigningKey;

  constructor(key: SigningKey) {
    this.#key = key;
  }

  /** One per batch: an agent sends one batch at a time, of up to a hundred detections. */
  ofDetections({ entityId: agent, enrolment }: Arrived, { spool, sequence }: StoredUpTo): SignedDocument {
    return signDocument('detections-receipt', { agent, enrolment, spool, sequence }, this.#key.privateKey);
  }

  /** For the outcome of a task. */
  ofProgress({ entityId: agent, enrolment }: Arrived, { task, at }: { task: string; at: number }): SignedDocument {
    return signDocument('progress-receipt', { agent, enrolment, task, at }, this.#key.privateKey);
  }
}
