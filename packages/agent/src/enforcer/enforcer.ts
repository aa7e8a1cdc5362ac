/** Follows orders: judges them, brings them about in the kernel, proves it and reports, and keeps it so. */
import { createPublicKey } from 'node:crypto';
import type { Proof, Report, SignedDocument } from '@cordon/protocol/channel';
import type { Enforcement } from '../isolation/enforcement.ts';
import { policyOf } from '../isolation/policy.ts';
import type { Log } from '../log.ts';
import type { ToEnforcer, ToLink } from '../pipe/messages.ts';
import { sentenceOf } from '../sentence.ts';
import { judge } from './judge.ts';
import type { Addressee, Order } from './judge.ts';
import type { Objects } from './objects.ts';
import { Pages } from './pages.ts';
import { Signer } from './signer.ts';
import type { SignedReport } from './signer.ts';
import type { Identity, State } from './state.ts';

/** A dump and a probe cost well under a millisecond, so tampering is noticed soon. */
const verifyIsolatedEvery = 2000;
const verifyNormalEvery = 15_000;
const firstRetry = 100;
const slowestRetry = 30_000;
/** How long the last word waits to be recorded before the state is removed all the same. */
const lastWordWaits = 15_000;

export interface Surroundings {
  readonly identity: Identity;
  readonly state: State;
  readonly objects: Objects;
  readonly enforcement: Enforcement;
  readonly now: () => number;
  readonly log: Log;
  /** To link, if it is there. */
  readonly tell: (message: ToLink) => void;
  /** The agent is uninstalled: state removed, nothing more to do. */
  readonly uninstalled: () => void;
}

/** What was found when the kernel was looked at. */
interface Finding {
  readonly isolation: Report['isolation'];
  readonly proof: Proof | null;
  readonly problem: string | null;
}

const nothingKnown: Finding = {
  isolation: 'unproven',
  proof: null,
  problem: 'This agent has no valid order on disk; it leaves the kernel as it is until the server sends one.',
};

export class Enforcer {
  readonly #around: Surroundings;
  readonly #addressee: Addressee;
  readonly #signer: Signer;
  readonly #pages: Pages;
  #order: Order | undefined;
  #finding: Finding = nothingKnown;
  #failures = 0;
  #dueAt = 0;
  /** Set when the final report is signed. */
  #leaving: SignedReport | undefined;

  constructor(around: Surroundings) {
    const { identity } = around;
    this.#around = around;
    this.#signer = new Signer(identity, around.now);
    this.#pages = new Pages(around);
    const orderKey = createPublicKey({ key: Buffer.from(identity.orderKey, 'base64'), format: 'der', type: 'spki' });
    this.#addressee = { agent: identity.agent, enrolment: identity.enrolment, orderKey };
  }

  /** Brings the saved order about again, before anybody else is listened to. */
  start(): void {
    const order = this.#savedOrder();
    if (!order) return this.#schedule(verifyNormalEvery);
    this.#order = order;
    this.#settle();
    this.#prepareNext();
    // Signed for nobody: the first real report should not be the one that finds the code cold.
    this.#signed({ installed: true });
  }

  handle(message: ToEnforcer): void {
    switch (message.type) {
      case 'wanted':
        return this.#receiveOrder(message.wanted);
      case 'sign-hello':
        return this.#signHello(message);
      case 'connected':
        this.#report();
        return this.#pages.begin(message.objectsRevision);
      case 'objects-changed':
        return this.#pages.compare(message.revision);
      case 'objects':
        if (this.#pages.receive(message.page)) this.#report();
        return;
      case 'recorded':
        if (message.at === this.#leaving?.at) this.#leave();
    }
  }

  /** Whom link should connect to: the home first, then the fallbacks, then the gateways of the token. */
  gateways(): ToLink {
    const { fingerprint, gateways } = this.#around.identity;
    const wanted = (this.#order?.wanted.gateways ?? []).map(({ address, port }) => ({ host: address, port }));
    return { type: 'gateways', fingerprint, gateways: [...wanted, ...gateways] };
  }

  /** Looks after what is in force when it is time to. The answer is how many milliseconds there are until the next time. */
  tick(): number {
    const now = this.#around.now();
    if (now >= this.#dueAt) {
      if (this.#leaving) this.#leave();
      else this.#keep();
    }
    return Math.max(0, this.#dueAt - now);
  }

  #savedOrder(): Order | undefined {
    const { state, log } = this.#around;
    try {
      const saved = state.wanted();
      const judged = saved && judge(saved, this.#addressee, undefined);
      if (judged?.judgement === 'follow') return judged.order;
      log('saved order refused', { sentence: judged?.judgement === 'refuse' ? judged.sentence : 'There is none.' });
    } catch (error) {
      log('saved order unreadable', { sentence: sentenceOf(error) });
    }
    return undefined;
  }

  #receiveOrder(signed: SignedDocument): void {
    const judged = judge(signed, this.#addressee, this.#order);
    if (judged.judgement === 'follow') return this.#follow(judged.order);
    if (judged.judgement === 'refuse') {
      this.#around.log('order refused', { reason: judged.reason, sentence: judged.sentence });
    }
    this.#report();
  }

  /**
   * An isolation is brought about first and written down second: disks are slower than the kernel, and if we die in
   * between, the kernel keeps the tables and the server sends the order again. A restore is written down first.
   */
  #follow(order: Order): void {
    const before = this.#order;
    this.#order = order;
    this.#failures = 0;
    const isolating = order.policy.isolation === 'isolated';
    const savedBefore = isolating ? null : this.#save(order);
    const applied = this.#apply(order);
    const unsaved = isolating ? this.#save(order) : savedBefore;
    const found = applied ?? this.#look(order, unsaved);
    // What lay ready may have been made for devices that have changed since; the look has noticed, so once more.
    const outdated = applied === undefined && found.isolation === 'unproven';
    this.#conclude(outdated ? (this.#apply(order) ?? this.#look(order, unsaved)) : found);
    this.#around.log('order followed', { epoch: order.wanted.epoch, isolation: this.#finding.isolation });
    this.#report();
    if (gatewaysOf(before) !== gatewaysOf(order)) this.#around.tell(this.gateways());
    this.#prepareNext();
  }

  /** The order brought about and looked at; what comes out is reported if it is news. */
  #settle(): void {
    if (!this.#order) return;
    this.#conclude(this.#apply(this.#order) ?? this.#look(this.#order, null));
  }

  /** Looks; and if something is missing, brings it about again, and says so. */
  #keep(): void {
    const order = this.#order;
    if (!order) return this.#schedule(verifyNormalEvery);
    const before = this.#finding;
    const seen = this.#look(order, null);
    if (seen.isolation !== 'unproven') {
      this.#conclude(seen);
    } else {
      const again = this.#apply(order) ?? this.#look(order, `${seen.problem ?? ''} It was put back.`.trim());
      this.#conclude(again.isolation === 'unproven' || before.isolation !== 'unproven' ? again : quiet(again));
    }
    if (isNews(before, this.#finding)) this.#report();
    // Devices and addresses come and go; the isolation that lies ready should fit those of the moment.
    if (order.policy.isolation === 'normal') this.#prepareNext();
  }

  /** Undefined when the kernel took it. */
  #apply(order: Order): Finding | undefined {
    try {
      this.#around.enforcement.apply(order.policy);
      return undefined;
    } catch (error) {
      return { isolation: 'unproven', proof: null, problem: sentenceOf(error) };
    }
  }

  #look(order: Order, remark: string | null): Finding {
    try {
      const seen = this.#around.enforcement.verify(order.policy);
      if (!seen.proven) return { isolation: 'unproven', proof: seen.proof, problem: seen.problem };
      return { isolation: order.policy.isolation, proof: seen.proof, problem: remark ?? seen.shortfall ?? null };
    } catch (error) {
      return { isolation: 'unproven', proof: null, problem: sentenceOf(error) };
    }
  }

  #conclude(finding: Finding): void {
    this.#finding = finding;
    const proven = finding.isolation !== 'unproven';
    if (proven && this.#order?.wanted.installed === false) return this.#sayLastWord();
    this.#failures = proven ? 0 : this.#failures + 1;
    const calm = finding.isolation === 'isolated' ? verifyIsolatedEvery : verifyNormalEvery;
    this.#schedule(proven ? calm : Math.min(slowestRetry, firstRetry * 2 ** (this.#failures - 1)));
  }

  /** A sentence when the order could not be saved: it is in force all the same, and will be sent again after a reboot. */
  #save(order: Order): string | null {
    try {
      this.#around.state.saveWanted(order.signed);
      return null;
    } catch (error) {
      const sentence = `The order is followed but could not be saved; a reboot would lose it: ${sentenceOf(error)}`;
      this.#around.log('order not saved', { sentence });
      return sentence;
    }
  }

  #report(): void {
    const { report } = this.#leaving ?? this.#signed({ installed: true });
    this.#around.tell({ type: 'report', report });
  }

  #signed({ installed }: { installed: boolean }): SignedReport {
    const { isolation, proof, problem } = this.#finding;
    return this.#signer.report({
      epoch: this.#order?.wanted.epoch ?? 0,
      isolation,
      proof,
      problem: problem?.slice(0, 500) ?? null,
      installed,
      objectsRevision: this.#around.objects.revision,
    });
  }

  #signHello(asked: { nonce: string; fingerprint: string }): void {
    const signature = this.#signer.hello(asked);
    if (signature === undefined) return this.#around.log('hello refused: another certificate');
    this.#around.tell({
      type: 'hello',
      nonce: asked.nonce,
      agent: this.#addressee.agent,
      signature,
      epoch: this.#order?.wanted.epoch ?? 0,
      objectsRevision: this.#around.objects.revision,
      canIsolate: this.#around.enforcement.unable === undefined,
    });
  }

  #sayLastWord(): void {
    this.#leaving ??= this.#signed({ installed: false });
    this.#schedule(lastWordWaits);
  }

  #leave(): void {
    this.#around.state.remove();
    this.#around.log('uninstalled');
    this.#around.uninstalled();
  }

  /** While the endpoint is normal, its isolation lies ready: nobody waits for the encoder. */
  #prepareNext(): void {
    if (!this.#order || this.#around.enforcement.unable !== undefined) return;
    try {
      this.#around.enforcement.prepare(policyOf({ ...this.#order.wanted, isolation: 'isolated' }));
    } catch (error) {
      this.#around.log('isolation not prepared', { sentence: sentenceOf(error) });
    }
  }

  #schedule(milliseconds: number): void {
    this.#dueAt = this.#around.now() + milliseconds;
  }
}

function gatewaysOf(order: Order | undefined): string {
  return JSON.stringify(order?.wanted.gateways ?? []);
}

/** Recovering from a failure that was reported is no tampering: the remark would accuse nobody. */
function quiet(finding: Finding): Finding {
  return { ...finding, problem: null };
}

/** Counters change with every packet and are no news; a remark that has gone is none either. */
function isNews(before: Finding, after: Finding): boolean {
  const lost = after.problem !== null && after.problem !== before.problem;
  return lost || before.isolation !== after.isolation || before.proof?.digest !== after.proof?.digest;
}
