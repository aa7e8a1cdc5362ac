/** Sends what is in the spool to the server: one signed batch at a time, again on each channel until it is recorded. */
import type { ToLink } from '../pipe/messages.ts';
import type { Signer } from './signer.ts';
import type { Spool } from './spool.ts';

/** A server that has not recorded a batch by then is sent it again. */
const patience = 30_000;

export interface DispatchParts {
  readonly spool: Pick<Spool, 'batch' | 'recorded'>;
  readonly signer: Pick<Signer, 'detections'>;
  /** To link, if it is there. */
  readonly tell: (message: ToLink) => void;
}

export class Dispatch {
  readonly #parts: DispatchParts;
  #connected = false;
  /** The last sequence of the batch that is under way. */
  #underWay: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: DispatchParts) {
    this.#parts = parts;
  }

  /** A new channel: what was under way on the old one may be lost. */
  connected(): void {
    this.#connected = true;
    this.#underWay = undefined;
    this.grown();
  }

  /** There may be something new. */
  grown(): void {
    if (!this.#connected || this.#underWay !== undefined) return;
    const batch = this.#parts.spool.batch();
    const last = batch.at(-1)?.sequence;
    if (last === undefined) return;
    this.#underWay = last;
    this.#parts.tell({ type: 'detections', detections: this.#parts.signer.detections(batch) });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#again(), patience);
  }

  /** Nothing is forgotten that was not sent, whoever says so. */
  recorded(sequence: number): void {
    if (this.#underWay === undefined) return;
    this.#parts.spool.recorded(Math.min(sequence, this.#underWay));
    if (sequence < this.#underWay) return;
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
