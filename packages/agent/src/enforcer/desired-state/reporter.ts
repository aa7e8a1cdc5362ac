/** Reports the state of this endpoint: signs it, sends it, and remembers what the last report contained. */
import type { Report } from '@cordon/protocol/channel';
import type { ToEnforcer, ToLink } from '../../ipc/link-messages.ts';
import type { Log } from '../../log.ts';
import type { SignedReport, Signer } from '../state/signer.ts';
import type { Identity } from '../state/state.ts';
import type { Outcome } from './outcome.ts';

/** What there is to report about the isolation. */
export type Held = Pick<
  Report,
  'epoch' | 'isolation' | 'proof' | 'problem' | 'released' | 'tampering' | 'publicKeyPins'
>;

export interface ReporterDeps {
  readonly identity: Identity;
  readonly signer: Signer;
  readonly outcome: Outcome;
  readonly held: () => Held & Pick<Report, 'objectsRevision' | 'objects'>;
  /** Of the newest desired state, milliseconds since 1970; 0 before the first. */
  readonly issuedAt: () => number;
  readonly canIsolate: boolean;
  readonly log: Log;
  /** To link, if it is connected. */
  readonly send: (message: ToLink) => void;
}

const maxProblem = 500;

export class Reporter {
  readonly #deps: ReporterDeps;
  #last = { at: 0, tampering: 0, codes: 0 };
  /** Once it is signed, nothing else is reported. */
  #farewell: SignedReport | undefined;

  constructor(deps: ReporterDeps) {
    this.#deps = deps;
  }

  report(): void {
    const { report, at } = this.#farewell ?? this.#sign({ installed: true });
    const { tampering, unreportedCodes } = this.#deps.outcome;
    this.#last = { at, tampering: tampering?.count ?? 0, codes: unreportedCodes };
    this.#deps.send({ type: 'report', report });
  }

  /** Signed for nobody: warms the code up for the first real report. */
  rehearse(): void {
    this.#sign({ installed: true });
  }

  /** From now on every report is this one. */
  farewell(): void {
    this.#farewell ??= this.#sign({ installed: false });
  }

  /** True when it was the final report. */
  recorded(at: number): boolean {
    if (at === this.#last.at) this.#deps.outcome.codesReported(this.#last.codes);
    return at === this.#farewell?.at;
  }

  /** When the last report was, and whether it contains all foreign change. */
  get last(): { at: number; hasAllTampering: boolean } {
    const count = this.#deps.outcome.tampering?.count ?? 0;
    return { at: this.#last.at, hasAllTampering: count === this.#last.tampering };
  }

  /** Signs link in to a server that shows a pinned key, and to no other. */
  hello({ nonce, publicKeyPin }: Extract<ToEnforcer, { type: 'sign-hello' }>): void {
    const { identity, signer, held, issuedAt, canIsolate, send, log } = this.#deps;
    const { epoch, objectsRevision, publicKeyPins } = held();
    if (!publicKeyPins.includes(publicKeyPin)) return log('hello refused: another public key', { publicKeyPin });
    const signature = signer.hello({ nonce, publicKeyPin });
    const newest = { epoch, issuedAt: issuedAt(), objectsRevision };
    send({ type: 'hello', nonce, agent: identity.agent, signature, ...newest, canIsolate });
  }

  #sign(state: Pick<Report, 'installed'>): SignedReport {
    const held = this.#deps.held();
    return this.#deps.signer.report({ ...held, ...state, problem: held.problem?.slice(0, maxProblem) ?? null });
  }
}
