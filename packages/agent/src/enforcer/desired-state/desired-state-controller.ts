/** Follows the newest desired state: checks it, puts it in force, releases it in time, and ends with the enrolment. */
import type { DesiredState, Report, SignedDocument } from '@cordon/protocol/channel';
import type { ToLink } from '../../ipc/link-messages.ts';
import type { Log } from '../../log.ts';
import type { Problem } from '../../problem.ts';
import { DueTime } from '../../reconcile.ts';
import { verifyIsolatedIntervalMs } from '../isolation/isolation-controller.ts';
import type { IsolationController, Reconciled } from '../isolation/isolation-controller.ts';
import type { KernelState } from '../isolation/isolation-kernel.ts';
import { normal, policyOf } from '../isolation/policy.ts';
import type { Policy } from '../isolation/policy.ts';
import type { UserNotices } from '../notices/user-notice.ts';
import type { Identity, State } from '../state/state.ts';
import { objectionTo } from './admission.ts';
import { answerCode } from './break-glass.ts';
import type { CodeAnswer } from './break-glass.ts';
import type { ChangeHistory } from './change-history.ts';
import type { Outcome } from './outcome.ts';
import type { Held, Reporter } from './reporter.ts';
import { SavedState, loadDesiredState } from './saved.ts';
import { verifyDesiredState } from './verify.ts';
import type { Addressee, VerifiedState } from './verify.ts';

/** How long the final report may wait to be recorded before the state is removed anyway. */
const farewellTimeoutMs = 15_000;
/** Continuous tampering causes one report a second, with the count in it. */
const tamperingReportIntervalMs = 1000;

export interface DesiredStateDeps {
  readonly identity: Identity;
  readonly addressee: Addressee;
  readonly state: State;
  readonly isolation: IsolationController;
  readonly outcome: Outcome;
  readonly changes: ChangeHistory;
  readonly reporter: Reporter;
  readonly notices: UserNotices;
  readonly isProtected: () => boolean;
  /** What it says about suspicious objects, which does not wait for the isolation to be admitted. */
  readonly follow: (desired: DesiredState) => void;
  readonly now: () => number;
  readonly log: Log;
  /** To link, if it is connected. */
  readonly send: (message: ToLink) => void;
  /** The agent is uninstalled: state removed, nothing left to do. */
  readonly uninstalled: () => void;
}

export class DesiredStateController {
  readonly #deps: DesiredStateDeps;
  #current: VerifiedState | undefined;
  /** A newer desired state that may not be applied here for now; the previous one stays in force. */
  #waiting: { next: VerifiedState; objection: string } | undefined;
  /** Set once the final report is sent: only its receipt is still awaited. */
  #leaving: DueTime | undefined;
  #left: Problem;
  readonly #saved: SavedState;

  constructor(deps: DesiredStateDeps) {
    this.#deps = deps;
    this.#saved = new SavedState(deps);
  }

  /** Applies the saved desired state before anybody else is served. */
  start(): void {
    const { addressee, outcome, reporter } = this.#deps;
    const current = loadDesiredState(this.#deps, addressee);
    if (!current) return;
    this.#current = current;
    this.#saved.loaded(current);
    outcome.begin(current.desired.epoch);
    if (this.#isOver(current)) this.#release('deadline');
    else this.#enforce(() => undefined);
    this.#deps.follow(current.desired);
    this.#prepareNext();
    this.#announce({ toTerminals: false });
    reporter.rehearse();
  }

  handle(signed: SignedDocument): void {
    const { addressee, log, reporter } = this.#deps;
    const verified = verifyDesiredState(signed, addressee, this.#newest);
    if (verified.kind === 'follow') return this.#admit(verified.next);
    if (verified.kind === 'refuse') {
      log('desired state refused', { reason: verified.reason, message: verified.message });
    }
    reporter.report();
  }

  /** Somebody at the endpoint, with root here, has a code. */
  breakGlass(code: string): CodeAnswer {
    const { log, now, outcome, reporter } = this.#deps;
    const answer = answerCode(code, { current: this.#current, outcome, now: now() });
    log('break-glass code', { done: answer.done, message: answer.message });
    if (answer.done) this.#release('break-glass');
    else if (outcome.unreportedCodes > 0) reporter.report();
    return answer;
  }

  /** Where link should connect to: the home first, then the fallbacks, then the gateways of the token. */
  gateways(): ToLink {
    const { gateways } = this.#deps.identity;
    const desired = (this.#current?.desired.gateways ?? []).map(({ address, port }) => ({ host: address, port }));
    return { type: 'gateways', publicKeyPins: this.#publicKeyPins, gateways: [...desired, ...gateways] };
  }

  /** Of the newest desired state, milliseconds since 1970; 0 before the first. */
  get issuedAt(): number {
    return this.#newest?.desired.issuedAt ?? 0;
  }

  /** The isolation's half of the report. */
  held(): Held {
    const { isolation, outcome } = this.#deps;
    const { released, tampering, unreportedCodes } = outcome;
    const objection = this.#waiting?.objection;
    const codes =
      unreportedCodes === 0 ? undefined : `${unreportedCodes} wrong break-glass codes were tried at the endpoint.`;
    return {
      epoch: this.#newest?.desired.epoch ?? 0,
      publicKeyPins: this.#publicKeyPins,
      isolation: objection === undefined ? isolation.held.isolation : 'unproven',
      proof: isolation.held.proof,
      problem:
        [objection ?? isolation.held.problem, this.#saved.problem, this.#left, codes].filter(Boolean).join(' ') || null,
      ...(released && objection === undefined ? { released } : {}),
      ...(tampering ? { tampering } : {}),
    };
  }

  /** The kernel announced a change. */
  noticed(): void {
    if (!this.#leaving) this.#deps.isolation.noticed();
  }

  /** Reconciles what is in force when it is due. Returns the milliseconds until the next run. */
  tick(): number {
    if (this.#leaving) {
      if (this.#leaving.isDue(this.#deps.now())) this.leave();
    } else if (this.#current && this.#isOver(this.#current)) {
      this.#release('deadline');
    } else if (this.#deps.isolation.isDue) {
      this.#reconcile();
    }
    return this.#waitMs;
  }

  /** The final report is recorded, or was sent long ago. */
  leave(): void {
    const { notices, state, log, uninstalled } = this.#deps;
    notices.restored();
    state.remove();
    log('uninstalled');
    uninstalled();
  }

  #admit(next: VerifiedState): void {
    const objection = this.#objectionTo(next);
    if (objection === undefined) return this.#follow(next);
    this.#waiting = { next, objection };
    this.#deps.send(this.gateways());
    this.#deps.follow(next.desired);
    this.#deps.log('desired state not applied', { epoch: next.desired.epoch, message: objection });
    this.#deps.reporter.report();
  }

  #objectionTo(next: VerifiedState): Problem {
    const { isProtected, changes, isolation, now } = this.#deps;
    const circumstances = { before: this.#current, isProtected: isProtected(), changes, now: now() };
    return objectionTo(next, circumstances) ?? isolation.objectionTo(next.policy);
  }

  #follow(next: VerifiedState): void {
    const { outcome, isolation, log, reporter, send } = this.#deps;
    const before = this.#current;
    this.#current = next;
    this.#waiting = undefined;
    outcome.begin(next.desired.epoch);
    if (this.#isOver(next)) {
      this.#saved.save(next);
      this.#deps.follow(next.desired);
      return this.#release('deadline');
    }
    this.#enforce(() => this.#saved.save(next));
    this.#deps.follow(next.desired);
    log('desired state followed', { epoch: next.desired.epoch, isolation: isolation.held.isolation });
    reporter.report();
    if (serversOf(before) !== serversOf(next)) send(this.gateways());
    if (before?.policy.isolation !== next.policy.isolation) this.#countChange();
    this.#prepareNext();
    this.#announce({ toTerminals: true });
  }

  #countChange(): void {
    const { changes, now, log } = this.#deps;
    const unsaved = changes.add(now());
    if (unsaved !== undefined) log('change not counted', { message: unsaved });
  }

  #release(by: NonNullable<Report['released']>['by']): void {
    const { isolation, outcome, log, now, reporter } = this.#deps;
    this.#enforce(() => outcome.releaseIsolation({ by, at: now() }), normal);
    log('released', { by, epoch: this.#current?.desired.epoch, isolation: isolation.held.isolation });
    reporter.report();
    this.#prepareNext();
    this.#announce({ toTerminals: true });
  }

  #enforce(save: () => Problem, policy = this.#policy): void {
    this.#deps.isolation.follow(policy, save);
    this.#leaveOnceReleased();
  }

  #reconcile(): void {
    const { isolation, outcome, now } = this.#deps;
    if (this.#waiting && this.#objectionTo(this.#waiting.next) === undefined) return this.#follow(this.#waiting.next);
    if (this.#saved.retry(this.#current)) this.#deps.reporter.report();
    const reconciled = isolation.reconcile();
    if (!reconciled) return;
    if (reconciled.tampered) outcome.tampered(now());
    this.#leaveOnceReleased();
    this.#reportChange(reconciled);
    // Devices and addresses come and go; the prepared isolation should fit the current ones.
    if (this.#policy.isolation === 'normal') this.#prepareNext();
    if (reconciled.before.isolation !== isolation.held.isolation) this.#announce({ toTerminals: true });
  }

  #reportChange({ before, tampered }: Reconciled): void {
    const { isolation, outcome, now, reporter } = this.#deps;
    const rested = now() - reporter.last.at >= tamperingReportIntervalMs;
    const repaired = tampered && isolation.held.isolation !== 'unproven';
    const reportable = isReportable(before, isolation.held) && (rested || !repaired);
    if (!reportable && (reporter.last.hasAllTampering || !rested)) return;
    outcome.save();
    reporter.report();
  }

  /** An agent to be uninstalled releases its endpoint first. */
  #leaveOnceReleased(): void {
    const { isolation, state, log, now, reporter } = this.#deps;
    if (isolation.held.isolation === 'unproven' || this.#current?.desired.installed !== false) return;
    this.#left = state.leftBehind;
    if (this.#left !== undefined) log('left behind', { message: this.#left });
    this.#leaving = new DueTime(farewellTimeoutMs);
    this.#leaving.scheduleIn(farewellTimeoutMs, now());
    reporter.farewell();
  }

  #prepareNext(): void {
    const desired = this.#current?.desired;
    if (desired) this.#deps.isolation.prepare(() => policyOf({ ...desired, isolation: 'isolated' }));
  }

  #announce(options: { toTerminals: boolean }): void {
    const { isolation, notices } = this.#deps;
    if (isolation.held.isolation === 'isolated') notices.isolated(this.#current?.desired.message, options);
    else if (isolation.held.isolation === 'normal') notices.restored();
  }

  /** Of the newest desired state, also one that waits: the server will show no other keys. */
  get #publicKeyPins(): string[] {
    return this.#newest?.desired.publicKeyPins ?? this.#deps.identity.publicKeyPins;
  }

  get #newest(): VerifiedState | undefined {
    return this.#waiting?.next ?? this.#current;
  }

  /** What should be in force now: the desired state, unless it was released since. */
  get #policy(): Policy {
    return this.#deps.outcome.released ? normal : (this.#current?.policy ?? normal);
  }

  /** By the wall clock, read again at each tick: however the clock jumps, what it shows now counts. */
  #isOver({ policy, desired }: VerifiedState): boolean {
    const { outcome, now } = this.#deps;
    if (policy.isolation === 'normal' || desired.deadline === undefined || outcome.released) return false;
    return now() >= desired.deadline;
  }

  get #waitMs(): number {
    const { isolation, now } = this.#deps;
    if (this.#leaving) return this.#leaving.waitMs(now());
    const deadline = this.#policy.isolation === 'isolated' ? this.#current?.desired.deadline : undefined;
    if (deadline === undefined) return isolation.waitMs;
    return Math.max(0, Math.min(isolation.waitMs, deadline - now(), verifyIsolatedIntervalMs));
  }
}

/** Counters change with every packet and are no reason to report; neither is a remark that has gone. */
function isReportable(before: KernelState, after: KernelState): boolean {
  const newProblem = after.problem !== undefined && after.problem !== before.problem;
  return newProblem || before.isolation !== after.isolation || before.proof?.digest !== after.proof?.digest;
}

function serversOf(verified: VerifiedState | undefined): string {
  return JSON.stringify([verified?.desired.gateways, verified?.desired.publicKeyPins]);
}
