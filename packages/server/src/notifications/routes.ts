/** Webhooks and syslog in the console API. */
import { Type } from 'typebox';
import { consolePaths } from '@cordon/protocol/console';
import {
  AddWebhook,
  ChangeWebhook,
  Delivery,
  DeliveryList,
  ReplayWebhook,
  Replayed,
  Syslog as SyslogShown,
  SyslogSettings,
  SyslogTest,
  Webhook,
  WebhookList,
  WebhookWithSecret,
} from '@cordon/protocol/console/schemas';
import { to } from '../access/request-access.ts';
import { personActor } from '../audit/actors.ts';
import type { Http } from '../http/server.ts';
import type { Notifications } from './notifications.ts';

const tags = ['notifications'];
const params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });

/** Administrators only: this data leaves the site. */
const toRead = to('read', 'settings');
const toChange = to('change', 'settings');

export function notificationRoutes(scope: Http, { webhooks, syslog }: Notifications): void {
  webhookRoutes(scope, webhooks);
  deliveryRoutes(scope, webhooks);
  syslogRoutes(scope, syslog);
}

function webhookRoutes(scope: Http, webhooks: Notifications['webhooks']): void {
  const one = `${consolePaths.webhooks}/:id`;
  const listed = { summary: 'List webhooks', tags, response: { 200: WebhookList } };
  scope.get(consolePaths.webhooks, { schema: listed, ...toRead }, async () => ({ webhooks: await webhooks.list() }));

  const added = { summary: 'Add a webhook; its secret is shown only once', tags, body: AddWebhook };
  scope.post(
    consolePaths.webhooks,
    { schema: { ...added, response: { 201: WebhookWithSecret } }, ...toChange },
    async (request, reply) => reply.code(201).send(await webhooks.add(personActor(request), request.body)),
  );

  const changed = { summary: 'Change a webhook', tags, params, body: ChangeWebhook, response: { 200: Webhook } };
  scope.patch(one, { schema: changed, ...toChange }, (request) =>
    webhooks.change(personActor(request), request.params.id, request.body),
  );

  scope.delete(one, { schema: { summary: 'Remove a webhook', tags, params }, ...toChange }, async (request, reply) => {
    await webhooks.remove(personActor(request), request.params.id);
    await reply.code(204).send();
  });

  const rotated = { summary: 'Give a webhook a new secret', tags, params, response: { 200: WebhookWithSecret } };
  scope.post(`${one}/rotate`, { schema: rotated, ...toChange }, (request) =>
    webhooks.rotate(personActor(request), request.params.id),
  );
}

function deliveryRoutes(scope: Http, webhooks: Notifications['webhooks']): void {
  const one = `${consolePaths.webhooks}/:id`;
  const tested = { summary: 'Send a test event to a webhook', tags, params, response: { 200: Delivery } };
  scope.post(`${one}/test`, { schema: tested, ...toChange }, (request) =>
    webhooks.test(personActor(request), request.params.id),
  );

  const replayed = { summary: 'Send a webhook all events again, from an event or a time on', tags, params };
  scope.post(
    `${one}/replay`,
    { schema: { ...replayed, body: ReplayWebhook, response: { 200: Replayed } }, ...toChange },
    (request) => webhooks.replay(personActor(request), request.params.id, request.body),
  );

  const kept = {
    summary: 'List the last calls of a webhook, newest first',
    tags,
    params,
    response: { 200: DeliveryList },
  };
  scope.get(`${one}/deliveries`, { schema: kept, ...toRead }, async (request) => ({
    deliveries: await webhooks.deliveries(request.params.id),
  }));
}

function syslogRoutes(scope: Http, syslog: Notifications['syslog']): void {
  const path = consolePaths.syslog;
  const shown = { summary: 'Show the syslog collector and its delivery', tags, response: { 200: SyslogShown } };
  scope.get(path, { schema: shown, ...toRead }, () => syslog.show());

  scope.put(
    path,
    { schema: { summary: 'Set the syslog collector', tags, body: SyslogSettings }, ...toChange },
    async (request, reply) => {
      await syslog.set(personActor(request), request.body);
      await reply.code(204).send();
    },
  );

  scope.delete(
    path,
    { schema: { summary: 'Remove the syslog collector', tags }, ...toChange },
    async (request, reply) => {
      await syslog.remove(personActor(request));
      await reply.code(204).send();
    },
  );

  const tested = { summary: 'Send a test line', tags, response: { 200: SyslogTest } };
  scope.post(`${path}/test`, { schema: tested, ...toChange }, (request) => syslog.test(personActor(request)));
}
