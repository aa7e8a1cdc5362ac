/** Webhooks: events are sent in order, signed, until they arrive, and only to receivers that an administrator added. */
import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AddWebhook, Webhook, WebhookWithSecret } from '@cordon/protocol/console';
import { EndedCommand } from '@cordon/protocol/console/schemas';
import { databaseKinds } from '../harness/databases.ts';
import { eventually } from '../harness/eventually.ts';
import { detection, detectedFile } from './object-samples.ts';
import { Receiver, takes, verifyStandardWebhook } from './receiver.ts';
import { Site } from './site.ts';

describe.each(databaseKinds())('webhooks on $name', (kind) => {
  let site: Site;
  let receiver: Receiver;
  beforeAll(async () => {
    site = await Site.open(kind);
  });
  afterAll(() => site.close());
  beforeEach(async () => {
    receiver = await Receiver.open();
  });
  afterEach(async () => {
    for (const { id } of await site.console.webhooks.list()) await site.console.webhooks.remove(id);
    await receiver.close();
  });

  function add(change: Partial<AddWebhook> = {}): Promise<WebhookWithSecret> {
    return site.console.webhooks.add({ name: 'soar', url: receiver.url, ca: receiver.ca, ...change });
  }

  /** A command that is done, and so an event. */
  async function isolateOne(): Promise<string> {
    const agent = await site.connected();
    await site.act('cmd_isolate_agent', { entity_id: agent.id });
    await agent.obey();
    await agent.channel.close();
    return agent.id;
  }

  async function hook(id: string): Promise<Webhook> {
    const found = (await site.console.webhooks.list()).find((one) => one.id === id);
    if (found === undefined) throw new Error('The webhook is gone.');
    return found;
  }

  it('send an isolation, signed so that a Standard Webhooks library accepts it', async () => {
    const { secret } = await add();
    const agent = await isolateOne();
    const [call] = await receiver.got(1, 'command.done');
    if (call === undefined) throw new Error('There is no call.');
    expect(() => verifyStandardWebhook(secret, call)).not.toThrow();
    expect(() => verifyStandardWebhook(secret, { ...call, text: `${call.text} ` })).toThrow('No signature is good.');
    expect(call.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(call.data).toMatchObject({ agent, act: 'isolate', outcome: null });
    expect(Object.keys(call.data).sort()).toEqual(Object.keys(EndedCommand.properties).sort());
  });

  it('send a detection as the console shows it', async () => {
    await add();
    const agent = await site.connected();
    const file = detectedFile({ path: { text: '/srv/a|b=c\n<13>\u202egpj.exe' } });
    await agent.detect(detection(1, { file, action: 'blocked' }), detection(2));
    const calls = await receiver.got(2, 'detection');
    const { detections } = await site.console.detections.list({ agent: agent.id });
    expect(calls.map((call) => call.data).toReversed()).toEqual(detections);
  });

  it('send every event once, in the order in which it happened', async () => {
    const { webhook } = await add();
    for (let count = 0; count < 12; count += 1) await isolateOne();
    await receiver.got(12, 'command.done');
    expect(receiver.ids).toEqual([...new Set(receiver.ids)].sort((one, other) => one - other));
    await eventually('it is up to date', async () => ((await hook(webhook.id)).behind === 0 ? true : undefined));
    expect(receiver.calls).toHaveLength(12);
  });

  it('send only the chosen kinds', async () => {
    const { webhook } = await add({ kinds: ['detection', 'break-glass.shown'] });
    const agent = await isolateOne();
    await site.console.agents.breakGlassCodes(agent);
    const [call] = await receiver.got(1, 'break-glass.shown');
    expect(call?.data).toMatchObject({ agent, shownTo: 'user:admin' });
    await eventually('it is up to date', async () => ((await hook(webhook.id)).behind === 0 ? true : undefined));
    expect(receiver.calls.map((one) => one.type)).toEqual(['break-glass.shown']);
  });

  it('send nothing to a disabled one, and everything once it is enabled again', async () => {
    const { webhook } = await add();
    await site.console.webhooks.change(webhook.id, { enabled: false });
    await isolateOne();
    await site.console.webhooks.test(webhook.id);
    expect(receiver.calls.map((one) => one.type)).toEqual(['test']);
    await site.console.webhooks.change(webhook.id, { enabled: true });
    await receiver.got(1, 'command.done');
  });

  it('call again until the receiver takes it, later each time, and nothing overtakes', async () => {
    const { webhook } = await add();
    let refusals = 2;
    receiver.behave = (request, response, call) => {
      if (refusals === 0) return takes(request, response, call);
      refusals -= 1;
      response.writeHead(503).end('later');
    };
    await isolateOne();
    await isolateOne();
    const calls = await receiver.got(4, 'command.done');
    const [first, second, third, last] = calls.map((call) => call.id);
    expect([second, third]).toEqual([first, first]);
    expect(last).toBeGreaterThan(first ?? 0);
    expect(new Set(calls.slice(0, 3).map((call) => call.headers['webhook-id'])).size).toBe(1);
    const deliveries = await eventually('four are kept', async () => {
      const kept = await site.console.webhooks.deliveries(webhook.id);
      return kept.length === 4 ? kept.toReversed() : undefined;
    });
    expect(deliveries.map((one) => [one.attempt, one.status, one.error])).toEqual([
      [1, 503, 'The receiver answered 503.'],
      [2, 503, 'The receiver answered 503.'],
      [3, 204, null],
      [1, 204, null],
    ]);
  });

  it('say of a receiver that fails that it is being tried, and why it failed', async () => {
    const { webhook } = await add();
    receiver.behave = (_request, response) => response.writeHead(500).end();
    await isolateOne();
    const failing = await eventually('it has failed', async () => {
      const now = await hook(webhook.id);
      return now.state === 'retrying' ? now : undefined;
    });
    expect(failing).toMatchObject({ lastError: 'The receiver answered 500.', behind: 1 });
    expect(failing.nextAttemptAt).toBeGreaterThan(failing.failingSince ?? Infinity);
    receiver.behave = takes;
    await eventually('it works again', async () => ((await hook(webhook.id)).state === 'working' ? true : undefined));
    expect(await hook(webhook.id)).toMatchObject({
      lastError: null,
      failingSince: null,
      nextAttemptAt: null,
      behind: 0,
    });
  });

  it('follow no redirect', async () => {
    const { webhook } = await add();
    receiver.behave = (_request, response) => {
      response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data' }).end();
    };
    const delivery = await site.console.webhooks.test(webhook.id);
    expect(delivery).toMatchObject({ status: 307, event: 0, kind: 'test' });
    expect(delivery.error).toContain('redirects are not followed');
    expect(receiver.calls).toHaveLength(1);
  });

  it('count an answer that breaks off as none, and one without end as enough', async () => {
    const { webhook } = await add();
    receiver.behave = (request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => request.socket.destroy());
    };
    expect(await site.console.webhooks.test(webhook.id)).toMatchObject({ status: null });
    receiver.behave = (_request, response) => {
      response.writeHead(200);
      const talk = (): void => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
      };
      response.on('drain', talk);
      talk();
    };
    expect(await site.console.webhooks.test(webhook.id)).toMatchObject({ status: 200, error: null });
  });

  it('wait ten seconds for an answer, and no longer', async () => {
    const { webhook } = await add();
    receiver.behave = () => {};
    const delivery = await site.console.webhooks.test(webhook.id);
    expect(delivery).toMatchObject({ status: null, error: 'The receiver did not answer completely within 10 s.' });
  });

  it('take no certificate but one that leads to what was named', async () => {
    const other = await Receiver.open();
    const { webhook } = await add({ ca: other.ca });
    expect((await site.console.webhooks.test(webhook.id)).error).toContain('self-signed certificate');
    const { webhook: unnamed } = await add({ ca: null });
    expect((await site.console.webhooks.test(unnamed.id)).error).toContain('self-signed certificate');
    expect(receiver.calls).toHaveLength(0);
    await other.close();
  });

  it('send again from an event on, and the receiver recognises it by its id', async () => {
    const { webhook } = await add();
    for (let count = 0; count < 3; count += 1) await isolateOne();
    const before = await receiver.got(3, 'command.done');
    await eventually('it is up to date', async () => ((await hook(webhook.id)).behind === 0 ? true : undefined));
    const from = before[1]?.id ?? 0;
    expect(await site.console.webhooks.replay(webhook.id, { fromEvent: from })).toEqual({ from, events: 2 });
    const after = await receiver.got(5, 'command.done');
    expect(after.slice(3).map((call) => [call.headers['webhook-id'], call.text])).toEqual(
      before.slice(1).map((call) => [call.headers['webhook-id'], call.text]),
    );
  });

  it('send again from a moment on, including events older than the webhook', async () => {
    const since = Date.now();
    const agent = await isolateOne();
    const { webhook } = await add({ kinds: ['command.done'] });
    await eventually('the event is in its place', async () => {
      const { events } = await site.console.webhooks.replay(webhook.id, { since });
      return events === 1 ? true : undefined;
    });
    const [call] = await receiver.got(1, 'command.done');
    expect(call?.data['agent']).toBe(agent);
    await expect(site.console.webhooks.replay(webhook.id, {})).rejects.toThrow('Give either "fromEvent" or "since"');
  });

  it('sign with the old secret too for a day after a new one was made', async () => {
    const { webhook, secret } = await add();
    const rotated = await site.console.webhooks.rotate(webhook.id);
    await site.console.webhooks.test(webhook.id);
    const [call] = receiver.calls;
    if (call === undefined) throw new Error('There is no call.');
    expect(rotated.secret).not.toBe(secret);
    expect(() => verifyStandardWebhook(secret, call)).not.toThrow();
    expect(() => verifyStandardWebhook(rotated.secret, call)).not.toThrow();
    const { lines } = await site.console.audit.list({ limit: 20 });
    expect(lines.map((line) => line.act)).toContain('rotate-webhook');
    expect(JSON.stringify([lines, await site.console.webhooks.list()])).not.toContain(rotated.secret);
  });

  it.each([
    ['http://192.0.2.1/', 'Plain HTTP would show every event to the network.'],
    ['https://169.254.169.254/latest/meta-data', 'is a link-local, unspecified or multicast address.'],
    ['https://[::ffff:169.254.169.254]/', 'is a link-local, unspecified or multicast address.'],
    ['https://0x7f.1:70000/', 'is no https:// address.'],
    ['https://0/', 'is a link-local, unspecified or multicast address.'],
    ['ftp://example.com/', 'is no https:// address.'],
    ['https://user:secret@example.com/', 'The address has a password'],
  ])('refuse to be set to %s', async (url, message) => {
    await expect(add({ url, ca: null })).rejects.toThrow(message);
  });

  it('speak plain HTTP to this machine', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = Object(server.address());
    const { webhook } = await add({ url: `http://localhost:${port}/`, ca: null });
    expect(await site.console.webhooks.test(webhook.id)).toMatchObject({ status: 200, error: null });
    server.close();
  });

  it('show what they wait for in the metrics', async () => {
    const { webhook } = await add();
    receiver.behave = (_request, response) => response.writeHead(500).end();
    await isolateOne();
    const { url, transport } = site.server;
    const shown = await eventually('a failure is counted', async () => {
      const { text } = await transport({ method: 'GET', url: `${url}/metrics`, headers: {} });
      return text.includes(`cordon_notification_failures_total{receiver="webhook ${webhook.id}"}`) ? text : undefined;
    });
    expect(shown).toContain(`cordon_notifications_behind{receiver="webhook ${webhook.id}"} 1\n`);
  });
});
