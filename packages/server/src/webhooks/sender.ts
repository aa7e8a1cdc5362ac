/** Calls webhooks with the events after their cursors: in order, each until it is delivered. */
import type { Actor, Audit } from '../audit/audit.ts';
import type { Database, Queries } from '../database/database.ts';
import { fromJson } from '../database/json.ts';
import { recordEvent } from '../delivery/record-event.ts';
import { eventsAfter } from '../delivery/event-log.ts';
import type { EventRow } from '../delivery/event-log.ts';
import { backoffMs } from '../delivery/backoff.ts';
import { callWebhook } from './call.ts';
import type { CallDeps, Outcome } from './call.ts';
import { allWebhooks, insertDelivery, updateWebhook } from './queries.ts';
import type { DeliveryRow, WebhookRow } from './queries.ts';

export interface WebhookSenderDeps extends CallDeps {
  readonly database: Database;
  readonly audit: Audit;
  readonly chance: () => number;
  /** Called for each failed call. */
  readonly failed: (hook: WebhookRow) => void;
}

/** How long a webhook may fail before an event reports it. Calls continue after that. */
const failingAfterMs = 86_400_000;
const eventsAtOnce = 10;
const server: Actor = { name: 'server', source: '', requestId: '' };

export class WebhookSender {
  readonly #deps: WebhookSenderDeps;
  readonly #busy = new Map<string, Promise<void>>();

  constructor(deps: WebhookSenderDeps) {
    this.#deps = deps;
  }

  /** Starts calling those that are due and not being called already. `stop` ends it, at the latest with a time-out. */
  async begin(head: number, stop: AbortSignal): Promise<void> {
    // The cursor of one that is busy now may be old by the time its row is here; the next round reads it again.
    const busy = new Set(this.#busy.keys());
    for (const hook of await allWebhooks(this.#deps.database.read)) {
      if (busy.has(hook.id) || !this.#isDue(hook, head)) continue;
      const work = this.#drain(hook, head, stop)
        .catch((error: unknown) => process.emitWarning(`Webhook ${hook.id}: ${String(error)}`)) // Retried in the next round.
        .finally(() => this.#busy.delete(hook.id));
      this.#busy.set(hook.id, work);
    }
  }

  /** Waits for the current calls. */
  async settled(): Promise<void> {
    await Promise.all(this.#busy.values());
  }

  /** Calls a webhook once, in any state, and stores the outcome. */
  async once(hook: WebhookRow, event: EventRow, stop: AbortSignal): Promise<DeliveryRow> {
    const outcome = await callWebhook(this.#deps, hook, event, stop);
    const row = deliveryOf(hook, event, { outcome, at: this.#deps.now(), attempt: 1 });
    return this.#deps.database.write(async (tx) => {
      // The receiver is back, so the next events need not wait any longer.
      if (outcome.error === null) await updateWebhook(tx, { id: hook.id }, { next_at: null });
      return insertDelivery(tx, row);
    });
  }

  #isDue(hook: WebhookRow, head: number): boolean {
    return hook.enabled === 1 && hook.cursor < head && (hook.next_at ?? 0) <= this.#deps.now();
  }

  async #drain(from: WebhookRow, head: number, stop: AbortSignal): Promise<void> {
    let hook: WebhookRow | undefined = from;
    while (hook !== undefined && !stop.aborted && this.#isDue(hook, head)) {
      const kinds: readonly string[] = fromJson(hook.kinds);
      const which = { cursor: hook.cursor, head, kinds };
      const events = await eventsAfter(this.#deps.database.read, which, eventsAtOnce);
      hook = events.length === 0 ? await this.#skipTo(hook, head) : await this.#callWith(hook, events, stop);
    }
  }

  /** No event up to `head` is for this webhook. */
  async #skipTo(hook: WebhookRow, head: number): Promise<WebhookRow | undefined> {
    await this.#deps.database.write((tx) => updateWebhook(tx, hook, { cursor: head }));
    return undefined;
  }

  /** The row to continue with; undefined to look again in the next round. */
  async #callWith(from: WebhookRow, events: readonly EventRow[], stop: AbortSignal): Promise<WebhookRow | undefined> {
    let hook = from;
    for (const event of events) {
      const outcome = await callWebhook(this.#deps, hook, event, stop);
      // A call that we stopped is not the receiver's failure.
      if (stop.aborted && outcome.error !== null) return undefined;
      const next = await this.#record(hook, event, outcome);
      // Somebody has changed it in the meantime: other kinds, another address, a replay.
      if (next === undefined || next.kinds !== hook.kinds || next.enabled === 0) return undefined;
      if (outcome.error !== null) return undefined;
      hook = next;
    }
    return hook;
  }

  #record(hook: WebhookRow, event: EventRow, outcome: Outcome): Promise<WebhookRow | undefined> {
    const now = this.#deps.now();
    const failures = hook.attempts + 1;
    const row = deliveryOf(hook, event, { outcome, at: now, attempt: failures });
    if (outcome.error !== null) this.#deps.failed(hook);
    return this.#deps.database.write(async (tx) => {
      await insertDelivery(tx, row);
      if (outcome.error === null) {
        const done = { state: 'working', attempts: 0, failing_since: null, next_at: null, last_error: null } as const;
        return updateWebhook(tx, hook, { ...done, cursor: event.id, delivered_at: now });
      }
      const since = hook.failing_since ?? now;
      const pause = Math.max(backoffMs(failures, this.#deps.chance()), Math.min(outcome.retryAfter ?? 0, 3_600_000));
      const state = now - since >= failingAfterMs ? 'failing' : 'retrying';
      const failed = { state, attempts: failures, failing_since: since, last_error: outcome.error } as const;
      const next = await updateWebhook(tx, hook, { ...failed, next_at: now + pause });
      if (next !== undefined && state === 'failing' && hook.state !== 'failing') await this.#reportFailing(tx, next);
      return next;
    });
  }

  async #reportFailing(tx: Queries, hook: WebhookRow): Promise<void> {
    const error = hook.last_error ?? '';
    const detail = `not reached since ${new Date(hook.failing_since ?? 0).toISOString()}: ${error}`;
    const target = `${hook.id} (${hook.name})`;
    await this.#deps.audit.record(tx, server, { act: 'webhook', target, outcome: 'failing', detail });
    const body = { id: hook.id, name: hook.name, error };
    await recordEvent(tx, { kind: 'webhook.failing', at: this.#deps.now(), body });
  }
}

function deliveryOf(
  hook: WebhookRow,
  event: EventRow,
  { outcome, at, attempt }: { outcome: Outcome; at: number; attempt: number },
): Omit<DeliveryRow, 'id'> {
  return {
    webhook_id: hook.id,
    event_id: event.id,
    kind: event.kind,
    at,
    attempt,
    status: outcome.status,
    milliseconds: outcome.milliseconds,
    error: outcome.error,
  };
}
