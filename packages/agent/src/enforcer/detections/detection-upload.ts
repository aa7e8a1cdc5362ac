/**
 * Sends the spool to the server: one signed batch at a time, again on each channel until it is recorded.
 *
 * A receipt need not outlive us: the spool saves what it allows us to forget. If that is lost, the batch is sent again,
 * and the server, which knows it, gives another receipt.
 */
import type { SignedDocument } from '@cordon/protocol/channel';
import type { Log } from '../../log.ts';
import type { ToLink } from '../../ipc/link-messages.ts';
import type { Addressee } from '../desired-state/verify.ts';
import { judgeReceipt } from './receipt.ts';
import type { Signer } from '../state/signer.ts';
import type { Spool } from './spool.ts';

/** A batch that the server has not recorded within this time is sent again. */
const receiptTimeoutMs = 30_000;

export interface DetectionUploadDeps {
  readonly spool: Pick<Spool, 'name' | 'recordedUpTo' | 'batch' | 'recorded'>;
  readonly signer: Pick<Signer, 'detections'>;
  readonly addressee: Addressee;
  /** To link, if it is connected. */
  readonly send: (message: ToLink) => void;
  readonly log: Log;
}

export class DetectionUpload {
  readonly #deps: DetectionUploadDeps;
  #connected = false;
  /** The last sequence of the batch in flight. */
  #underWay: number | undefined;
  /** The largest sequence of all batches: a receipt for an abandoned one may still come. */
  #sent = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: DetectionUploadDeps) {
    this.#deps = deps;
  }

  /** A new channel: what was in flight on the old one may be lost. */
  connected(): void {
    this.#connected = true;
    this.#underWay = undefined;
    this.grown();
  }

  /** There may be something new to send. */
  grown(): void {
    if (!this.#connected || this.#underWay !== undefined) return;
    const { spool, signer, send } = this.#deps;
    const batch = spool.batch();
    const last = batch.at(-1)?.sequence;
    if (last === undefined) return;
    this.#underWay = last;
    this.#sent = Math.max(this.#sent, last);
    send({ type: 'detections', detections: signer.detections(spool.name, batch) });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#again(), receiptTimeoutMs);
  }

  /** Forgets only what the server has signed for, whatever link says. */
  recorded(receipt: SignedDocument): void {
    const { spool, addressee, log } = this.#deps;
    const known = { spool: spool.name, sent: this.#sent, recorded: spool.recordedUpTo };
    const checked = judgeReceipt(receipt, addressee, known);
    if (checked.kind === 'refused') return log('receipt refused', { message: checked.message });
    spool.recorded(checked.upTo);
    if (this.#underWay === undefined || checked.upTo < this.#underWay) return;
    this.close();
    this.grown();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#underWay = undefined;
  }

  #again(): void {
    this.#underWay = undefined;
    this.grown();
  }
}
