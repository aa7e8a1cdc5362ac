/** Webhooks: which receivers are called with which events. Their secrets are sealed, and shown only once. */
import { X509Certificate, randomBytes, randomUUID } from 'node:crypto';
import type {
  AddWebhook,
  ChangeWebhook,
  Delivery,
  ReplayWebhook,
  Replayed,
  Webhook,
  WebhookWithSecret,
} from '@cordon/protocol/console';
import type { Actor, Audit } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import { fromJson, toJson } from '../database/json.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import type { Sealer } from '../secrets/sealing.ts';
import { literalRefusal } from '../delivery/destinations.ts';
import { countFrom, newestBefore, newestEvent } from '../delivery/event-log.ts';
import { newWebhookSecret } from './signature.ts';
import { secretPurpose } from './call.ts';
import { allWebhooks, deleteWebhook, deliveriesOf, insertWebhook, updateWebhook, webhook } from './queries.ts';
import type { DeliveryRow, WebhookChange, WebhookRow } from './queries.ts';
import type { WebhookSender } from './sender.ts';

export interface WebhooksDeps {
  readonly database: Database;
  readonly sealer: Sealer;
  readonly audit: Audit;
  readonly now: () => number;
  readonly sender: WebhookSender;
  readonly allowPrivate: boolean;
}

/** Each costs a connection per event. */
const maxWebhooks = 50;
/** Receivers get a day to learn a new secret. */
const overlapMs = 86_400_000;
const fresh = { state: 'working', attempts: 0, failing_since: null, next_at: null, last_error: null } as const;

export class Webhooks {
  readonly #deps: WebhooksDeps;

  constructor(deps: WebhooksDeps) {
    this.#deps = deps;
  }

  async list(): Promise<Webhook[]> {
    const { read } = this.#deps.database;
    const head = await newestEvent(read);
    return (await allWebhooks(read)).map((row) => shown(row, head));
  }

  /** A new webhook, called with events from now on, and its secret. */
  async add(actor: Actor, desired: AddWebhook): Promise<WebhookWithSecret> {
    const secret = newWebhookSecret(randomBytes);
    const id = randomUUID();
    const given = this.#columnsOf(desired, { allowPlain: desired.allowPlain === true });
    const row = await this.#deps.database.write(async (tx) => {
      const others = await allWebhooks(tx);
      if (others.length >= maxWebhooks) {
        const message = `There are ${others.length} webhooks, and ${maxWebhooks} is the limit. Remove one first.`;
        throw new ConsoleRefusal(409, 'webhooks-full', message);
      }
      const made: WebhookRow = {
        id,
        name: desired.name,
        url: given.url ?? '',
        kinds: given.kinds ?? toJson([]),
        enabled: given.enabled ?? 1,
        ca: given.ca ?? null,
        allow_plain: given.allow_plain ?? 0,
        sealed_secret: this.#deps.sealer.seal(secretPurpose(id), secret),
        sealed_previous: null,
        previous_until: 0,
        created_by: actor.name,
        created_at: this.#deps.now(),
        ...fresh,
        cursor: await newestEvent(tx),
        delivered_at: null,
      };
      await insertWebhook(tx, made);
      await this.#deps.audit.record(tx, actor, fact('add-webhook', made, made.url));
      return made;
    });
    return { webhook: shown(row, row.cursor), secret };
  }

  async change(actor: Actor, id: string, desired: ChangeWebhook): Promise<Webhook> {
    const row = await this.#find(id);
    const allowPlain = desired.allowPlain ?? row.allow_plain === 1;
    const columns = this.#columnsOf({ url: row.url, ...desired }, { allowPlain });
    return this.#apply(actor, id, {
      act: 'change-webhook',
      change: { ...columns, ...fresh },
      detail: summary(desired),
    });
  }

  /** A new secret. The old one also signs for a day, so that no call is lost in the meantime. */
  async rotate(actor: Actor, id: string): Promise<WebhookWithSecret> {
    const secret = newWebhookSecret(randomBytes);
    const row = await this.#find(id);
    const change = {
      sealed_secret: this.#deps.sealer.seal(secretPurpose(row.id), secret),
      sealed_previous: row.sealed_secret,
      previous_until: this.#deps.now() + overlapMs,
    };
    const detail = 'the old secret signs as well for a day';
    return { webhook: await this.#apply(actor, id, { act: 'rotate-webhook', change, detail }), secret };
  }

  async remove(actor: Actor, id: string): Promise<void> {
    const row = await this.#find(id);
    await this.#deps.database.write(async (tx) => {
      if (!(await deleteWebhook(tx, id))) throw unknown(id);
      await this.#deps.audit.record(tx, actor, fact('remove-webhook', row, ''));
    });
  }

  /** Calls it once, now, and returns the outcome. */
  async test(actor: Actor, id: string): Promise<Delivery> {
    const row = await this.#find(id);
    const at = this.#deps.now();
    const event = { id: 0, at, kind: 'test', body: toJson<unknown>({ requestedBy: actor.name }) };
    return delivered(await this.#deps.sender.once(row, event, new AbortController().signal));
  }

  /** Sets a webhook back (or forward) to an event or a moment; it is called with everything from there on. */
  async replay(actor: Actor, id: string, from: ReplayWebhook): Promise<Replayed> {
    if ((from.fromEvent === undefined) === (from.since === undefined)) {
      throw new ConsoleRefusal(400, 'replay-unclear', 'Give either "fromEvent" or "since", and not both.');
    }
    return this.#deps.database.write(async (tx) => {
      const row = await webhook(tx, id);
      if (row === undefined) throw unknown(id);
      const head = await newestEvent(tx);
      const desired = from.fromEvent === undefined ? await newestBefore(tx, from.since ?? 0) : from.fromEvent - 1;
      const cursor = Math.min(head, desired);
      const kinds: readonly string[] = fromJson(row.kinds);
      const replayed = await countFrom(tx, { fromEvent: cursor + 1 }, kinds);
      await updateWebhook(tx, { id }, { ...fresh, cursor });
      const detail = `${replayed.events} events from event ${replayed.from ?? cursor + 1} on`;
      await this.#deps.audit.record(tx, actor, fact('replay-webhook', row, detail));
      return replayed;
    });
  }

  /** Outcomes of the last calls, newest first. */
  async deliveries(id: string): Promise<Delivery[]> {
    await this.#find(id);
    return (await deliveriesOf(this.#deps.database.read, id)).map(delivered);
  }

  async #find(id: string): Promise<WebhookRow> {
    const row = await webhook(this.#deps.database.read, id);
    if (row === undefined) throw unknown(id);
    return row;
  }

  async #apply(
    actor: Actor,
    id: string,
    what: { act: string; change: WebhookChange; detail: string },
  ): Promise<Webhook> {
    return this.#deps.database.write(async (tx) => {
      const row = await updateWebhook(tx, { id }, what.change);
      if (row === undefined) throw unknown(id);
      await this.#deps.audit.record(tx, actor, fact(what.act, row, what.detail));
      return shown(row, await newestEvent(tx));
    });
  }

  #columnsOf(desired: ChangeWebhook, { allowPlain }: { allowPlain: boolean }): WebhookChange {
    if (desired.ca !== undefined && desired.ca !== null) refuseBadCertificate(desired.ca);
    const url = desired.url === undefined ? {} : { url: this.#checkedUrl(desired.url, allowPlain) };
    return {
      ...url,
      ...(desired.name === undefined ? {} : { name: desired.name }),
      ...(desired.kinds === undefined ? {} : { kinds: toJson([...new Set(desired.kinds)]) }),
      ...(desired.enabled === undefined ? {} : { enabled: desired.enabled ? 1 : 0 }),
      ...(desired.ca === undefined ? {} : { ca: desired.ca }),
      allow_plain: allowPlain ? 1 : 0,
    };
  }

  /** What the address alone shows; names are resolved and checked at every call. */
  #checkedUrl(text: string, allowPlain: boolean): string {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || !['http:', 'https:'].includes(url.protocol))
      throw new ConsoleRefusal(400, 'url-invalid', `"${text}" is no https:// address.`);
    if (url.username !== '' || url.password !== '' || url.hash !== '') {
      const message = 'The address has a password or a fragment. Leave it out: calls are signed.';
      throw new ConsoleRefusal(400, 'url-invalid', message);
    }
    const isHere = url.hostname === 'localhost' || url.hostname.startsWith('127.') || url.hostname === '[::1]';
    if (url.protocol === 'http:' && !isHere && !allowPlain) {
      const message = 'Plain HTTP would show every event to the network. Use https, or allow it for this webhook.';
      throw new ConsoleRefusal(400, 'url-plain', message);
    }
    const refused = literalRefusal(url.hostname, { allowPrivate: this.#deps.allowPrivate });
    if (refused !== undefined) throw new ConsoleRefusal(400, 'url-refused', refused);
    return url.href;
  }
}

/** Refuses text that is not a certificate, before a connection fails for it. */
export function refuseBadCertificate(pem: string): void {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length > 0 && blocks.every(isCertificate)) return;
  throw new ConsoleRefusal(
    400,
    'certificate-invalid',
    'The CA must be certificates in PEM: -----BEGIN CERTIFICATE-----',
  );
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false; // Not a certificate.
  }
}

function shown(row: WebhookRow, head: number): Webhook {
  const kinds = fromJson(row.kinds);
  return {
    id: row.id,
    name: row.name,
    url: row.url,
    kinds,
    enabled: row.enabled === 1,
    ca: row.ca,
    allowPlain: row.allow_plain === 1,
    createdBy: row.created_by,
    createdAt: row.created_at,
    state: row.state,
    cursor: row.cursor,
    behind: Math.max(0, head - row.cursor),
    failingSince: row.failing_since,
    nextAttemptAt: row.next_at,
    lastError: row.last_error,
    deliveredAt: row.delivered_at,
  };
}

function delivered({ id, event_id: event, kind, at, attempt, status, milliseconds, error }: DeliveryRow): Delivery {
  return { id, event, kind, at, attempt, status, milliseconds, error };
}

/** For the audit; a certificate is long and adds nothing there. */
function summary(desired: ChangeWebhook): string {
  return JSON.stringify(desired.ca === undefined || desired.ca === null ? desired : { ...desired, ca: 'given' });
}

function fact(
  act: string,
  row: { id: string; name: string },
  detail: string,
): { act: string; target: string; outcome: string; detail: string } {
  return { act, target: `${row.id} (${row.name})`, outcome: 'done', detail };
}

function unknown(id: string): ConsoleRefusal {
  const message = `There is no webhook ${id}. "cordon webhooks list" shows all of them.`;
  return new ConsoleRefusal(404, 'webhook-unknown', message);
}
