/** Webhooks and the syslog collector. */
import { consolePaths } from '@cordon/protocol/console/paths';
import type {
  AddWebhook,
  ChangeWebhook,
  Delivery,
  ReplayWebhook,
  Replayed,
  Syslog,
  SyslogSettings,
  SyslogTest,
  Webhook,
  WebhookWithSecret,
} from '@cordon/protocol/console';
import { ConsolePart, within } from './console-api.ts';

/** Webhooks, and the calls made to them. */
export class ConsoleWebhooks extends ConsolePart {
  async list(): Promise<Webhook[]> {
    return (await this.load((all) => all.webhookListShape, consolePaths.webhooks)).webhooks;
  }

  /** The secret in the answer is shown only once. */
  async add(body: AddWebhook): Promise<WebhookWithSecret> {
    return this.post((all) => all.webhookWithSecretShape, consolePaths.webhooks, body);
  }

  async change(id: string, body: ChangeWebhook): Promise<Webhook> {
    return this.read((all) => all.webhookShape, { method: 'PATCH', path: within(consolePaths.webhooks, id), body });
  }

  async remove(id: string): Promise<void> {
    await this.send('DELETE', within(consolePaths.webhooks, id));
  }

  /** Makes a new secret; for a day the old one signs as well. */
  async rotate(id: string): Promise<WebhookWithSecret> {
    return this.post((all) => all.webhookWithSecretShape, `${within(consolePaths.webhooks, id)}/rotate`);
  }

  /** Calls a webhook once, now. */
  async test(id: string): Promise<Delivery> {
    return this.post((all) => all.deliveryShape, `${within(consolePaths.webhooks, id)}/test`);
  }

  /** Calls a webhook again with everything since an event or a moment. */
  async replay(id: string, body: ReplayWebhook): Promise<Replayed> {
    return this.post((all) => all.replayedShape, `${within(consolePaths.webhooks, id)}/replay`, body);
  }

  /** The last calls, newest first. */
  async deliveries(id: string): Promise<Delivery[]> {
    return (await this.load((all) => all.deliveryListShape, `${within(consolePaths.webhooks, id)}/deliveries`))
      .deliveries;
  }
}

/** The syslog collector. */
export class ConsoleSyslog extends ConsolePart {
  /** Its settings, and how far it has come. */
  async get(): Promise<Syslog> {
    return this.load((all) => all.syslogShape, consolePaths.syslog);
  }

  async set(body: SyslogSettings): Promise<void> {
    await this.send('PUT', consolePaths.syslog, body);
  }

  async remove(): Promise<void> {
    await this.send('DELETE', consolePaths.syslog);
  }

  /** Sends the collector one line, now. */
  async test(): Promise<SyslogTest> {
    return this.post((all) => all.syslogTestShape, `${consolePaths.syslog}/test`);
  }
}
