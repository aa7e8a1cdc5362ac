/** One call of one webhook: its body, its signature and its outcome. */
import { performance } from 'node:perf_hooks';
import type { EventKind, WebhookCall } from '@cordon/protocol/console';
import { fromJson } from '../database/json.ts';
import type { Sealer } from '../secrets/sealing.ts';
import { post } from './post.ts';
import type { EventRow } from '../delivery/event-log.ts';
import { messageOf } from '../delivery/failure-message.ts';
import { signatureHeader } from './signature.ts';
import type { WebhookRow } from './queries.ts';

export interface CallDeps {
  readonly sealer: Sealer;
  readonly now: () => number;
  readonly version: string;
  readonly allowPrivate: boolean;
}

/** The outcome; `error` is null if the receiver accepted it. */
export interface Outcome {
  readonly status: number | null;
  readonly error: string | null;
  readonly milliseconds: number;
  readonly retryAfter: number | undefined;
}

export async function callWebhook(
  deps: CallDeps,
  hook: WebhookRow,
  event: EventRow,
  signal: AbortSignal,
): Promise<Outcome> {
  const began = performance.now();
  const took = (): number => Math.round(performance.now() - began);
  const url = new URL(hook.url);
  const rules = {
    allowPrivate: deps.allowPrivate,
    loopbackOnly: url.protocol === 'http:' && hook.allow_plain === 0,
  };
  try {
    const { body, headers } = signedCall(deps, hook, event);
    const { status, retryAfter } = await post({ url, headers, body, ca: hook.ca, rules, signal });
    const error = status >= 200 && status < 300 ? null : refusedWith(status);
    return { status, error, milliseconds: took(), retryAfter };
  } catch (error) {
    return { status: null, error: messageOf(error), milliseconds: took(), retryAfter: undefined };
  }
}

export function secretPurpose(id: string): string {
  return `webhook ${id}`;
}

function signedCall(
  { sealer, now, version }: CallDeps,
  hook: WebhookRow,
  event: EventRow,
): { body: string; headers: Record<string, string> } {
  const timestamp = Math.floor(now() / 1000);
  // The same for every attempt and replay; the time distinguishes ids that a restored database hands out again.
  const id = `evt_${event.id}_${event.at.toString(36)}`;
  const body = bodyOf(event);
  const sealed = [hook.sealed_secret];
  if (hook.sealed_previous !== null && hook.previous_until > now()) sealed.push(hook.sealed_previous);
  const secrets = sealed.map((one) => sealer.unseal(secretPurpose(hook.id), one));
  return {
    body,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': `Cordon/${version}`,
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signatureHeader(secrets, { id, timestamp, body }),
    },
  };
}

function bodyOf(event: EventRow): string {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by `announce` from a Happening
  const type = event.kind as EventKind;
  const data = fromJson(event.body);
  const call: WebhookCall = { id: event.id, type, timestamp: new Date(event.at).toISOString(), data };
  return JSON.stringify(call);
}

function refusedWith(status: number): string {
  return status >= 300 && status < 400
    ? `The receiver answered ${status}; redirects are not followed. Set the webhook to the new address.`
    : `The receiver answered ${status}.`;
}
