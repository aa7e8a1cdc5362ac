/** Signs with the agent's own key: reports of this endpoint, and hellos to the server's pinned keys. Nothing else. */
import { createPrivateKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { helloBytes, signDocument } from '@cordon/protocol/channel';
import type { Detection, Progress, Report, SignedDocument } from '@cordon/protocol/channel';
import type { Identity } from './state.ts';

export type ProgressBody = Omit<Progress, 'agent' | 'enrolment'>;

export interface SignedReport {
  readonly report: SignedDocument;
  readonly at: number;
}

export class Signer {
  readonly #identity: Identity;
  readonly #key: KeyObject;
  readonly #now: () => number;
  #lastReportAt = 0;

  constructor(identity: Identity, now: () => number) {
    this.#identity = identity;
    this.#now = now;
    this.#key = createPrivateKey({ key: Buffer.from(identity.privateKey, 'base64'), format: 'der', type: 'pkcs8' });
  }

  report(body: Omit<Report, 'agent' | 'enrolment' | 'at'>): SignedReport {
    // Strictly later than the one before, because `recorded` names a report by its time.
    const at = Math.max(this.#now(), this.#lastReportAt + 1);
    this.#lastReportAt = at;
    const { agent, enrolment } = this.#identity;
    return { report: signDocument('report', { agent, enrolment, ...body, at }, this.#key), at };
  }

  progress(body: ProgressBody): SignedDocument {
    const { agent, enrolment } = this.#identity;
    return signDocument('progress', { agent, enrolment, ...body }, this.#key);
  }

  /** Within the limits of a batch and a frame. */
  detections(spool: string, detections: Detection[]): SignedDocument {
    const { agent, enrolment } = this.#identity;
    return signDocument('detections', { agent, enrolment, spool, detections }, this.#key);
  }

  hello(seen: { nonce: string; publicKeyPin: string }): string {
    const { agent } = this.#identity;
    return sign(null, helloBytes({ agent, ...seen }), this.#key).toString('base64');
  }
}
