/** Reconciles the desired state: checks it, applies it in the kernel, verifies, reports, and keeps it in force. */
import { createPublicKey } from 'node:crypto';
import type { Report, SignedDocument } from '@cordon/protocol/channel';
import { normal } from './isolation/policy.ts';
import type { Policy } from './isolation/policy.ts';
import type { ToEnforcer, ToLink } from '../ipc/link-messages.ts';
import { objectionTo } from './desired-state/admission.ts';
import { answerCode } from './desired-state/break-glass.ts';
import type { CodeAnswer } from './desired-state/break-glass.ts';
import { isReportable } from './isolation/isolation-kernel.ts';
import type { KernelState } from './isolation/isolation-kernel.ts';
import { applyPolicy, nothingKnown, prepareNext, verifyPolicy } from './isolation/apply.ts';
import { verifyDesiredState } from './desired-state/verify.ts';
import type { Addressee, VerifiedState } from './desired-state/verify.ts';
import { leftBehind } from './state/left-behind.ts';
import { ListSync } from './objects/list-sync.ts';
import { Reporter } from './reporter.ts';
import type { EndpointState } from './reporter.ts';
import { loadDesiredState, saveDesiredState } from './desired-state/saved.ts';
import { Outcome } from './desired-state/outcome.ts';
import { DueTime } from '../reconcile.ts';
import type { EnforcerDeps } from './deps.ts';

/** A dump and a probe take well under a millisecond, so tampering is noticed soon even without an announcement. */
const verifyIsolatedEvery = 2000;
const verifyNormalEvery = 15_000;
const firstRetry = 100;
const slowestRetry = 30_000;
/** How long the final report may wait to be recorded before the state is removed anyway. */
const lastWordWaits = 15_000;
/** Continuous tampering causes one report a second, with the count in it. */
const tamperingReportIntervalMs = 1000;

export class Enforcer {
  readonly #deps: EnforcerDeps;
  readonly #addressee: Addressee;
  readonly #reporter: Reporter;
  readonly #listSync: ListSync;
  readonly #outcome: Outcome;
  #current: VerifiedState | undefined;
  /** A newer desired state that may not be applied here for now; the previous one stays in force. */
  #waiting: { order: VerifiedState; message: string } | undefined;
  #kernelState: KernelState = nothingKnown;
  readonly #due = new DueTime(slowestRetry);
  /** The final report is sent; only its receipt is still awaited. */
  #leaving = false;

  constructor(around: EnforcerDeps) {
    const { identity } = around;
    this.#deps = around;
    this.#listSync = new ListSync(around);
    this.#outcome = new Outcome(around.state);
    this.#reporter = new Reporter({ ...around, outcome: this.#outcome });
    const signingKey = createPublicKey({
      key: Buffer.from(identity.signingKey, 'base64'),
      format: 'der',
      type: 'spki',
    });
    this.#addressee = { agent: identity.agent, enrolment: identity.enrolment, signingKey };
  }

  /** Applies the saved desired state before anybody else is served. */
  start(): void {
    const order = loadDesiredState(this.#deps, this.#addressee);
    if (!order) return this.#schedule(verifyNormalEvery);
    this.#current = order;
    this.#outcome.begin(order.desired.epoch);
    if (this.#isOver(order)) this.#releaseIsolation('deadline');
    else this.#record(this.#apply(null));
    this.#deps.objectEnforcement.follow(order.desired);
    prepareNext(this.#deps, this.#current);
    this.#announce({ toTerminals: false });
    this.#reporter.rehearse(this.#endpointState);
  }

  handle(message: ToEnforcer): void {
    switch (message.type) {
      case 'desired':
        return this.#receiveDesiredState(message.desired);
      case 'sign-hello':
        return this.#reporter.hello(message, this.#self);
      case 'connected':
        this.report();
        this.#listSync.begin(message.objectsRevision);
        return this.#deps.objectEnforcement.connected();
      case 'objects-changed':
        return this.#listSync.compare(message.revision);
      case 'objects':
        return this.#receivePage(message.page);
      case 'recorded':
        if (this.#reporter.recorded(message.at)) this.#leave();
        return;
      case 'task':
      case 'progress-recorded':
      case 'detections-recorded':
        return this.#deps.objectEnforcement.handle(message);
    }
  }

  /** Somebody at the endpoint, with root here, has a code. */
  breakGlass(code: string): CodeAnswer {
    const { log, now } = this.#deps;
    const answer = answerCode(code, { order: this.#current, outcome: this.#outcome, now: now() });
    log('break-glass code', { done: answer.done, message: answer.message });
    if (answer.done) this.#releaseIsolation('break-glass');
    else if (this.#outcome.unreportedCodes > 0) this.report();
    return answer;
  }

  /** Where link should connect to: the home first, then the fallbacks, then the gateways of the token. */
  gateways(): ToLink {
    const { fingerprint, gateways } = this.#deps.identity;
    const desired = (this.#current?.desired.gateways ?? []).map(({ address, port }) => ({ host: address, port }));
    return { type: 'gateways', fingerprint, gateways: [...desired, ...gateways] };
  }

  /** Something other than isolation differs from what was reported. */
  report(): void {
    this.#reporter.report(this.#endpointState);
  }

  /** The kernel announced a change: verify at once when isolated, otherwise after a quiet moment. */
  noticed(): void {
    const soon = this.#policy.isolation === 'isolated' ? 0 : 500;
    if (!this.#leaving && this.#current) this.#due.bringForward(this.#deps.now() + soon);
  }

  /** Reconciles what is in force when it is due. Returns the milliseconds until the next run. */
  tick(): number {
    const now = this.#deps.now();
    if (this.#leaving) {
      if (this.#due.isDue(now)) this.#leave();
    } else if (this.#current && this.#isOver(this.#current)) {
      this.#releaseIsolation('deadline');
    } else if (this.#due.isDue(now)) {
      this.#reconcile();
    }
    const deadline = this.#policy.isolation === 'isolated' ? this.#current?.desired.deadline : undefined;
    const after = this.#deps.now();
    const left = Math.max(0, Math.min(this.#due.waitMs(after), (deadline ?? Infinity) - after));
    return deadline === undefined ? left : Math.min(left, verifyIsolatedEvery);
  }

  #receiveDesiredState(signed: SignedDocument): void {
    const judged = verifyDesiredState(signed, this.#addressee, this.#waiting?.order ?? this.#current);
    if (judged.judgement === 'follow') return this.#admit(judged.order);
    if (judged.judgement === 'refuse') {
      this.#deps.log('desired state refused', { reason: judged.reason, message: judged.message });
    }
    this.report();
  }

  /** In force first, reported afterwards. */
  #receivePage(signed: SignedDocument): void {
    const applied = this.#listSync.receive(signed);
    if (!applied) return;
    this.#deps.objectEnforcement.listChanged(applied);
    this.report();
  }

  #admit(order: VerifiedState): void {
    const message = this.#objectionTo(order);
    if (message === undefined) return this.#follow(order);
    this.#waiting = { order, message };
    // Only the isolation is held back. The treatment of suspicious objects is independent of it.
    this.#deps.objectEnforcement.follow(order.desired);
    this.#deps.log('desired state not applied', { epoch: order.desired.epoch, message });
    this.report();
  }

  #objectionTo(order: VerifiedState): string | undefined {
    const { isProtected, changes, enforcement, now } = this.#deps;
    const circumstances = { before: this.#current, isProtected: isProtected(), changes, now: now() };
    const objection = objectionTo(order, circumstances);
    if (objection !== undefined || order.policy.isolation === 'normal') return objection;
    // An isolated endpoint has no way through a tunnel left to lose.
    return this.#policy.isolation === 'isolated' ? undefined : enforcement.objection(order.policy);
  }

  /**
   * An isolation is applied first and saved second: disks are slower than the kernel, and if we die in between, the
   * kernel keeps the tables and the server sends the desired state again. A release is saved first.
   */
  #follow(order: VerifiedState): void {
    const before = this.#current;
    this.#current = order;
    this.#waiting = undefined;
    this.#due.succeed();
    this.#outcome.begin(order.desired.epoch);
    const isolating = order.policy.isolation === 'isolated' && !this.#isOver(order);
    const savedBefore = isolating ? null : saveDesiredState(this.#deps, order);
    if (this.#isOver(order)) {
      this.#deps.objectEnforcement.follow(order.desired);
      return this.#releaseIsolation('deadline');
    }
    const applied = applyPolicy(this.#deps.enforcement, order.policy);
    const unsaved = isolating ? saveDesiredState(this.#deps, order) : savedBefore;
    const found = applied ?? this.#verify(unsaved);
    // The prepared tables may be for devices that have changed since; verifying has noticed, so apply once more.
    const outdated = applied === undefined && found.isolation === 'unproven';
    this.#record(outdated ? this.#apply(unsaved) : found);
    this.#deps.objectEnforcement.follow(order.desired);
    this.#deps.log('desired state followed', { epoch: order.desired.epoch, isolation: this.#kernelState.isolation });
    this.report();
    if (gatewaysOf(before) !== gatewaysOf(order)) this.#deps.send(this.gateways());
    this.#afterwards(before?.policy.isolation !== order.policy.isolation);
  }

  /** What nobody has to wait for. */
  #afterwards(changed: boolean): void {
    const { changes, now, log } = this.#deps;
    const unsaved = changed ? changes.add(now()) : null;
    if (unsaved !== null) log('change not counted', { message: unsaved });
    prepareNext(this.#deps, this.#current);
    this.#announce({ toTerminals: true });
  }

  /** What holds now: the desired state, unless it was released since. */
  get #policy(): Policy {
    return this.#outcome.released ? normal : (this.#current?.policy ?? normal);
  }

  /** By the wall clock, read again at each tick: however the clock jumps, what it shows now counts. */
  #isOver({ policy, desired }: VerifiedState): boolean {
    if (policy.isolation === 'normal' || desired.deadline === undefined || this.#outcome.released) return false;
    return this.#deps.now() >= desired.deadline;
  }

  #releaseIsolation(by: NonNullable<Report['released']>['by']): void {
    const { log, now } = this.#deps;
    const unsaved = this.#outcome.releaseIsolation({ by, at: now() });
    this.#due.succeed();
    this.#record(this.#apply(unsaved));
    log('released', { by, epoch: this.#current?.desired.epoch, isolation: this.#kernelState.isolation });
    this.report();
    prepareNext(this.#deps, this.#current);
    this.#announce({ toTerminals: true });
  }

  #apply(remark: string | null): KernelState {
    return applyPolicy(this.#deps.enforcement, this.#policy) ?? this.#verify(remark);
  }

  #verify(remark: string | null): KernelState {
    return verifyPolicy(this.#deps.enforcement, this.#policy, remark);
  }

  /** Verifies; if something is missing, applies it again and reports it. */
  #reconcile(): void {
    if (this.#waiting && this.#objectionTo(this.#waiting.order) === undefined) return this.#follow(this.#waiting.order);
    if (!this.#current) return this.#schedule(verifyNormalEvery);
    const before = this.#kernelState;
    const seen = this.#verify(null);
    if (seen.tampered) this.#outcome.tampered(this.#deps.now());
    if (seen.isolation === 'unproven') {
      const again = this.#apply(`${seen.problem ?? ''} It was put back.`.trim());
      // Recovery from a reported failure is no tampering: the remark would accuse nobody.
      const recovered = again.isolation !== 'unproven' && before.isolation === 'unproven';
      this.#record(recovered ? { ...again, problem: null } : again);
    } else {
      this.#record(seen);
    }
    this.#reportChange(before, seen.tampered);
    // Devices and addresses come and go; the prepared isolation should fit the current ones.
    if (this.#policy.isolation === 'normal') prepareNext(this.#deps, this.#current);
    if (before.isolation !== this.#kernelState.isolation) this.#announce({ toTerminals: true });
  }

  #reportChange(before: KernelState, tampered: boolean): void {
    const { at, hasAllTampering } = this.#reporter.last;
    const rested = this.#deps.now() - at >= tamperingReportIntervalMs;
    const mended = tampered && this.#kernelState.isolation !== 'unproven';
    const reportable = isReportable(before, this.#kernelState) && (rested || !mended);
    if (!reportable && (hasAllTampering || !rested)) return;
    this.#outcome.save();
    this.report();
  }

  #record(state: KernelState): void {
    this.#kernelState = state;
    const proven = state.isolation !== 'unproven';
    if (proven && this.#current?.desired.installed === false) return this.#sendFarewell();
    if (!proven) return this.#due.retry({ firstMs: firstRetry, maxMs: slowestRetry }, this.#deps.now());
    this.#due.succeed();
    const intervalMs = state.isolation === 'isolated' ? verifyIsolatedEvery : verifyNormalEvery;
    this.#schedule(intervalMs);
  }

  get #endpointState(): EndpointState {
    return { epoch: this.#self.epoch, kernelState: this.#kernelState, objection: this.#waiting?.message };
  }

  get #self(): { epoch: number; canIsolate: boolean } {
    const order = this.#waiting?.order ?? this.#current;
    return { epoch: order?.desired.epoch ?? 0, canIsolate: this.#deps.enforcement.unable === undefined };
  }

  #sendFarewell(): void {
    this.#leaving = true;
    const left = leftBehind(this.#deps.state.folder);
    if (left !== null) this.#deps.log('left behind', { message: left });
    const problem = [this.#kernelState.problem, left].filter((one) => one !== null).join(' ') || null;
    this.#reporter.lastWord({ ...this.#endpointState, kernelState: { ...this.#kernelState, problem } });
    this.#schedule(lastWordWaits);
  }

  #leave(): void {
    this.#deps.notices.restored();
    this.#deps.state.remove();
    this.#deps.log('uninstalled');
    this.#deps.uninstalled();
  }

  #announce(options: { toTerminals: boolean }): void {
    if (this.#kernelState.isolation === 'isolated')
      this.#deps.notices.isolated(this.#current?.desired.message, options);
    else if (this.#kernelState.isolation === 'normal') this.#deps.notices.restored();
  }

  #schedule(milliseconds: number): void {
    this.#due.scheduleIn(milliseconds, this.#deps.now());
  }
}

function gatewaysOf(order: VerifiedState | undefined): string {
  return JSON.stringify(order?.desired.gateways ?? []);
}
