/** Orders events and sends them to webhooks and syslog, on one node only. */
import type { Database } from '../database/database.ts';
import type { Lease } from '../delivery/lease.ts';
import { collectOutbox, isOutboxEmpty, newestBefore, newestEvent, removeEvents } from '../delivery/event-log.ts';
import type { SyslogSender } from '../syslog/sender.ts';
import type { WebhookSender } from '../webhooks/sender.ts';

export interface SendingDeps {
  readonly database: Database;
  readonly lease: Lease;
  readonly webhooks: WebhookSender;
  readonly syslog: SyslogSender;
  readonly now: () => number;
}

const roundIntervalMs = 200;
/** Nodes that do not send only check whether the sending node is alive. */
const idleIntervalMs = 2000;
const day = 86_400_000;
const keptDays = 30;
const pruneIntervalMs = 3_600_000;

export class Sending {
  readonly #deps: SendingDeps;
  #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #closed = false;
  #prunedAt = 0;

  constructor(deps: SendingDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#round = this.#runRound();
    }, 0);
  }

  /** Ends current deliveries; another node continues at once. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#stop.abort();
    await this.#round;
    await this.#deps.webhooks.settled();
    await this.#deps.syslog.close();
    try {
      await this.#deps.lease.release();
    } catch (error) {
      process.emitWarning(`The lease could not be released: ${String(error)}`); // They notice it by polling.
    }
  }

  async #runRound(): Promise<void> {
    let held = false;
    try {
      held = await this.#deps.lease.hold();
      if (held) await this.#send();
    } catch (error) {
      process.emitWarning(`Notifications: ${String(error)}`); // Retried in the next round.
    }
    if (!this.#deps.lease.isHeld) await this.#giveUp();
    if (this.#closed) return;
    this.#timer = setTimeout(
      () => {
        this.#round = this.#runRound();
      },
      held ? roundIntervalMs : idleIntervalMs,
    ).unref();
  }

  async #send(): Promise<void> {
    const { database, lease, webhooks, syslog } = this.#deps;
    if (this.#closed) return;
    if (this.#stop.signal.aborted) this.#stop = new AbortController();
    while (!(await isOutboxEmpty(database.read))) {
      // In one transaction with the lease: two nodes that collect at once would put events out of order.
      if (!(await database.write(async (tx) => (await lease.confirm(tx)) && (await collectOutbox(tx)) > 0))) break;
    }
    const head = await newestEvent(database.read);
    await webhooks.begin(head, this.#stop.signal);
    syslog.round(head);
    await this.#prune();
  }

  /** Another node sends now, or this node cannot know, which amounts to the same. */
  async #giveUp(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    await this.#deps.syslog.close();
  }

  async #prune(): Promise<void> {
    const { database, now } = this.#deps;
    if (now() - this.#prunedAt < pruneIntervalMs) return;
    this.#prunedAt = now();
    const last = await newestBefore(database.read, now() - keptDays * day);
    let removed = last;
    while (removed > 0 && !this.#closed) removed = await database.write((tx) => removeEvents(tx, last));
  }
}
