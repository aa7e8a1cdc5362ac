/** Reports the state of this endpoint: signs it, sends it, and remembers what the last report contained. */
import type { Report } from '@cordon/protocol/channel';
import type { Log } from '../log.ts';
import type { ToLink } from '../ipc/link-messages.ts';
import type { KernelState } from './isolation/isolation-kernel.ts';
import type { ObjectList } from './objects/object-list.ts';
import type { ObjectEnforcement } from './objects/object-enforcement.ts';
import { Signer } from './state/signer.ts';
import type { ReportBody, SignedReport } from './state/signer.ts';
import type { Outcome } from './desired-state/outcome.ts';
import type { Identity } from './state/state.ts';

export interface ReporterDeps {
  readonly identity: Identity;
  readonly objects: ObjectList;
  readonly objectEnforcement: Pick<ObjectEnforcement, 'reportedStatus'>;
  readonly outcome: Outcome;
  readonly now: () => number;
  readonly log: Log;
  /** To link, if it is connected. */
  readonly send: (message: ToLink) => void;
}

/** What there is to report. */
export interface EndpointState {
  /** Of the newest desired state, applied or not. */
  readonly epoch: number;
  readonly kernelState: KernelState;
  /** Why the newest desired state is not applied. */
  readonly objection: string | undefined;
}

export class Reporter {
  readonly #deps: ReporterDeps;
  readonly #signer: Signer;
  #last = { at: 0, tampering: 0, codes: 0 };
  /** Once it is signed, nothing else is reported. */
  #farewell: SignedReport | undefined;

  constructor(deps: ReporterDeps) {
    this.#deps = deps;
    this.#signer = new Signer(deps.identity, deps.now);
  }

  report(said: EndpointState): void {
    const { report, at } = this.#farewell ?? this.#signed(said, { installed: true });
    const { tampering, unreportedCodes: untoldCodes } = this.#deps.outcome;
    this.#last = { at, tampering: tampering?.count ?? 0, codes: untoldCodes };
    this.#deps.send({ type: 'report', report });
  }

  /** Signed for nobody: warms the code up for the first real report. */
  rehearse(said: EndpointState): void {
    this.#signed(said, { installed: true });
  }

  /** From now on every report is this one. */
  lastWord(said: EndpointState): void {
    this.#farewell ??= this.#signed(said, { installed: false });
  }

  /** True when it was the final report. */
  recorded(at: number): boolean {
    if (at === this.#last.at) this.#deps.outcome.codesReported(this.#last.codes);
    return at === this.#farewell?.at;
  }

  /** When the last report was, and whether there was foreign change since that it does not contain. */
  get last(): { at: number; hasAllTampering: boolean } {
    const count = this.#deps.outcome.tampering?.count ?? 0;
    return { at: this.#last.at, hasAllTampering: count === this.#last.tampering };
  }

  hello(asked: { nonce: string; fingerprint: string }, about: { epoch: number; canIsolate: boolean }): void {
    const { identity, objects, send, log } = this.#deps;
    const signature = this.#signer.hello(asked);
    if (signature === undefined) return log('hello refused: another certificate');
    const { agent } = identity;
    send({ type: 'hello', nonce: asked.nonce, agent, signature, objectsRevision: objects.revision, ...about });
  }

  #signed({ epoch, kernelState, objection }: EndpointState, { installed }: { installed: boolean }): SignedReport {
    const { outcome, objects, objectEnforcement } = this.#deps;
    const { released, tampering } = outcome;
    const body: ReportBody = {
      epoch,
      isolation: objection === undefined ? kernelState.isolation : 'unproven',
      proof: kernelState.proof,
      problem: problemOf(objection ?? kernelState.problem, outcome.unreportedCodes),
      installed,
      objectsRevision: objects.revision,
      objects: objectEnforcement.reportedStatus(),
      ...(released && objection === undefined ? { released } : {}),
      ...(tampering ? { tampering } : {}),
    };
    return this.#signer.report(body);
  }
}

function problemOf(problem: string | null, untoldCodes: number): Report['problem'] {
  const codes = untoldCodes === 0 ? null : `${untoldCodes} wrong break-glass codes were tried at the endpoint.`;
  return (
    [problem, codes]
      .filter((one) => one !== null)
      .join(' ')
      .slice(0, 500) || null
  );
}
