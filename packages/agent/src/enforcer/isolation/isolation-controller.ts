/** Keeps one policy in force in the kernel: applies it, verifies it, and tries again when that fails. */
import type { Log } from '../../log.ts';
import { messageOf } from '../../message-of.ts';
import type { Problem } from '../../problem.ts';
import { DueTime } from '../../reconcile.ts';
import { unproven } from './isolation-kernel.ts';
import type { IsolationKernel, KernelState } from './isolation-kernel.ts';
import type { Policy } from './policy.ts';

/** A dump and a probe take well under a millisecond, so tampering is noticed soon even without an announcement. */
export const verifyIsolatedIntervalMs = 2000;
const verifyNormalIntervalMs = 15_000;
/** After the kernel announced a change to a normal endpoint: several changes are verified once. */
const quietMs = 500;
const retry = { firstMs: 100, maxMs: 30_000 };

export interface IsolationDeps {
  readonly kernel: IsolationKernel;
  readonly now: () => number;
  readonly log: Log;
}

/** What a run of `reconcile` started from. */
export interface Reconciled {
  readonly before: KernelState;
  /** Somebody had changed what was in force. */
  readonly tampered: boolean;
}

export class IsolationController {
  readonly #deps: IsolationDeps;
  readonly #due = new DueTime(retry.maxMs);
  #policy: Policy | undefined;
  #held = unproven(
    'This agent has no valid desired state on disk; it leaves the kernel as it is until the server sends one.',
  );

  constructor(deps: IsolationDeps) {
    this.#deps = deps;
  }

  /** What the kernel holds, as last verified. */
  get held(): KernelState {
    return this.#held;
  }

  get canIsolate(): boolean {
    return this.#deps.kernel.unable === undefined;
  }

  /** Why this policy would cut the endpoint off from its own server. An isolated endpoint has no way left to lose. */
  objectionTo(policy: Policy): Problem {
    if (policy.isolation === 'normal' || this.#policy?.isolation === 'isolated') return undefined;
    return this.#deps.kernel.objection(policy);
  }

  /**
   * An isolation is applied first and saved second: disks are slower than the kernel, and if we die in between, the
   * kernel keeps the tables and the server sends the desired state again. A release is saved first.
   */
  follow(policy: Policy, save: () => Problem): void {
    this.#policy = policy;
    this.#due.succeed();
    const savedFirst = policy.isolation === 'isolated' ? undefined : save();
    const refused = this.#apply(policy);
    const unsaved = policy.isolation === 'isolated' ? save() : savedFirst;
    const found = refused ?? this.#verify(policy, unsaved);
    // The prepared tables may be for devices that have changed since; verifying has noticed, so apply once more.
    const outdated = refused === undefined && found.isolation === 'unproven';
    this.#record(outdated ? this.#enforce(policy, unsaved) : found);
  }

  /** Verifies; what is missing is applied again. Undefined while there is no policy. */
  reconcile(): Reconciled | undefined {
    const before = this.#held;
    const policy = this.#policy;
    if (!policy) {
      this.#due.scheduleIn(verifyNormalIntervalMs, this.#deps.now());
      return undefined;
    }
    const found = this.#verify(policy, undefined);
    this.#record(found.isolation === 'unproven' ? this.#repair(policy, before, found) : found);
    return { before, tampered: found.tampered };
  }

  /** The kernel announced a change: verify at once when isolated, otherwise after a quiet moment. */
  noticed(): void {
    if (!this.#policy) return;
    this.#due.bringForward(this.#deps.now() + (this.#policy.isolation === 'isolated' ? 0 : quietMs));
  }

  get isDue(): boolean {
    return this.#due.isDue(this.#deps.now());
  }

  get waitMs(): number {
    return this.#due.waitMs(this.#deps.now());
  }

  /** Encodes a policy that may come next, so that nobody waits for the encoder. */
  prepare(policyOf: () => Policy): void {
    const { kernel, log } = this.#deps;
    if (!this.canIsolate) return;
    try {
      kernel.prepare(policyOf());
    } catch (error) {
      log('isolation not prepared', { message: messageOf(error) });
    }
  }

  #repair(policy: Policy, before: KernelState, found: KernelState): KernelState {
    const repaired = this.#enforce(policy, `${found.problem ?? ''} It was put back.`.trim());
    // Recovery from a reported failure is no tampering: the remark would accuse nobody.
    const recovered = repaired.isolation !== 'unproven' && before.isolation === 'unproven';
    return recovered ? { ...repaired, problem: undefined } : repaired;
  }

  #enforce(policy: Policy, remark: Problem): KernelState {
    return this.#apply(policy) ?? this.#verify(policy, remark);
  }

  /** Undefined when the kernel accepted it. */
  #apply(policy: Policy): KernelState | undefined {
    try {
      this.#deps.kernel.apply(policy);
      return undefined;
    } catch (error) {
      return unproven(messageOf(error));
    }
  }

  /** `remark` is added if the policy holds. */
  #verify(policy: Policy, remark: Problem): KernelState {
    try {
      const found = this.#deps.kernel.verify(policy);
      return remark === undefined || found.isolation === 'unproven' ? found : { ...found, problem: remark };
    } catch (error) {
      return unproven(messageOf(error));
    }
  }

  #record(found: KernelState): void {
    const now = this.#deps.now();
    this.#held = found;
    if (found.isolation === 'unproven') return this.#due.retry(retry, now);
    this.#due.succeed();
    this.#due.scheduleIn(found.isolation === 'isolated' ? verifyIsolatedIntervalMs : verifyNormalIntervalMs, now);
  }
}
