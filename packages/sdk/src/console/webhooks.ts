/** Webhooks, and the calls made to them. */
import {
  consolePaths,
  deliveryListShape,
  deliveryShape,
  replayedShape,
  webhookListShape,
  webhookShape,
  webhookWithSecretShape,
} from '@cordon/protocol/console';
import type {
  AddWebhook,
  ChangeWebhook,
  Delivery,
  ReplayWebhook,
  Replayed,
  Webhook,
  WebhookWithSecret,
} from '@cordon/protocol/console';
import { read, within } from './console-api.ts';
import type { ConsoleApi } from './console-api.ts';

export class ConsoleWebhooks {
  readonly #api: ConsoleApi;

  constructor(api: ConsoleApi) {
    this.#api = api;
  }

  async list(): Promise<Webhook[]> {
    return (await read(this.#api, webhookListShape, { method: 'GET', path: consolePaths.webhooks })).webhooks;
  }

  /** The secret in the answer is shown only once. */
  async add(body: AddWebhook): Promise<WebhookWithSecret> {
    return read(this.#api, webhookWithSecretShape, { method: 'POST', path: consolePaths.webhooks, body });
  }

  async change(id: string, body: ChangeWebhook): Promise<Webhook> {
    return read(this.#api, webhookShape, { method: 'PATCH', path: within(consolePaths.webhooks, id), body });
  }

  async remove(id: string): Promise<void> {
    await this.#api.send({ method: 'DELETE', path: within(consolePaths.webhooks, id) });
  }

  /** Makes a new secret; for a day the old one signs as well. */
  async rotate(id: string): Promise<WebhookWithSecret> {
    return read(this.#api, webhookWithSecretShape, {
      method: 'POST',
      path: `${within(consolePaths.webhooks, id)}/rotate`,
    });
  }

  /** Calls a webhook once, now. */
  async test(id: string): Promise<Delivery> {
    return read(this.#api, deliveryShape, { method: 'POST', path: `${within(consolePaths.webhooks, id)}/test` });
  }

  /** Calls a webhook again with everything since an event or a moment. */
  async replay(id: string, body: ReplayWebhook): Promise<Replayed> {
    return read(this.#api, replayedShape, {
      method: 'POST',
      path: `${within(consolePaths.webhooks, id)}/replay`,
      body,
    });
  }

  /** The last calls, newest first. */
  async deliveries(id: string): Promise<Delivery[]> {
    return (
      await read(this.#api, deliveryListShape, {
        method: 'GET',
        path: `${within(consolePaths.webhooks, id)}/deliveries`,
      })
    ).deliveries;
  }
}
