/** The notifications page: webhooks and the syslog collector. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { deliveryShape, webhookListShape, webhookWithSecretShape } from '@cordon/protocol/console';
import type { Delivery, Webhook, WebhookWithSecret } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read, send } from '../calls/call.ts';
import { messageOf } from '../calls/use-loaded.ts';
import { Confirm } from '../forms/confirm.tsx';
import { ShownOnce } from '../forms/shown-once.tsx';
import { ListPage } from '../list/list-page.tsx';
import { actsColumn } from '../list/table.tsx';
import { useDoing } from '../list/use-doing.ts';
import type { DoingState } from '../list/use-doing.ts';
import { useList, wholeOf } from '../list/use-list.ts';
import type { ListSpec } from '../list/use-list.ts';
import { Badge } from '../widgets/badge.tsx';
import type { Tone } from '../widgets/badge.tsx';
import { Moment } from '../widgets/moment.tsx';
import { inWords } from '../words/words.ts';
import { Deliveries } from './deliveries.tsx';
import { kindsInWords } from './event-kinds.tsx';
import { SyslogPanel } from './syslog-panel.tsx';
import { WebhookForm } from './webhook-form.tsx';
import { pathOf } from './webhook-path.ts';

type Doing =
  | { readonly kind: 'add' }
  | { readonly kind: 'edit' | 'calls' | 'remove' | 'rotate'; readonly webhook: Webhook }
  | { readonly kind: 'secret'; readonly made: WebhookWithSecret };

export function NotificationsPage(): JSX.Element {
  const list = useList(webhooks);
  const state = useDoing<Doing>(list.reload);
  const { begin } = state;
  const [result, setResult] = useState<string>();
  const test = async (webhook: Webhook): Promise<void> => {
    setResult(`Calling ${webhook.name} …`);
    setResult(resultOf(webhook, await read(deliveryShape, 'POST', `${pathOf(webhook)}/test`)));
    list.reload();
  };
  const toggle = async (webhook: Webhook): Promise<void> => {
    await send('PATCH', pathOf(webhook), { body: { enabled: !webhook.enabled } });
    list.reload();
  };
  const attempt = (work: Promise<void>): void => void work.catch((error: unknown) => setResult(messageOf(error)));
  return (
    <ListPage
      spec={webhooks}
      list={list}
      above={<h2>Webhooks</h2>}
      buttons={
        <>
          <button type="button" class="primary" onClick={() => begin({ kind: 'add' })}>
            Add a webhook
          </button>
          <span role="status">{result}</span>
        </>
      }
      last={actsColumn<Webhook>((webhook) => {
        const { name } = webhook;
        const toggleWord = webhook.enabled ? 'Disable' : 'Enable';
        return [
          ['Edit', `Edit ${name}`, () => begin({ kind: 'edit', webhook })],
          ['Deliveries', `Deliveries to ${name}`, () => begin({ kind: 'calls', webhook })],
          ['Test', `Test ${name}`, () => attempt(test(webhook))],
          [toggleWord, `${toggleWord} ${name}`, () => attempt(toggle(webhook))],
          ['New secret', `New secret for ${name}`, () => begin({ kind: 'rotate', webhook })],
          ['Remove', `Remove ${name}`, () => begin({ kind: 'remove', webhook })],
        ];
      })}
    >
      <SyslogPanel />
      <Doings state={state} reload={list.reload} />
    </ListPage>
  );
}

const tones: Record<Webhook['state'], Tone> = { working: 'good', retrying: 'warning', failing: 'danger' };

const webhooks: ListSpec<Webhook> = {
  title: 'Notifications',
  lead: 'Send detections, isolations, approvals and tampering to other systems as they happen.',
  nouns: 'webhooks',
  load: wholeOf(webhookListShape, consolePaths.webhooks, (answer) => answer.webhooks),
  keyOf: (row) => row.id,
  columns: [
    { title: 'Name', head: true, cell: (row) => row.name },
    { title: 'URL', cell: (row) => <span class="text">{row.url}</span> },
    {
      title: 'State',
      cell: (row) => (
        <>
          {row.enabled ? (
            <Badge tone={tones[row.state]}>{inWords(row.state)}</Badge>
          ) : (
            <Badge tone="neutral">Disabled</Badge>
          )}
          {row.lastError === null ? null : <span class="quiet"> {row.lastError}</span>}
        </>
      ),
    },
    { title: 'Events', cell: (row) => kindsInWords(row.kinds) },
    { title: 'Queued', kind: 'number', cell: (row) => row.behind },
    { title: 'Last delivery', cell: (row) => <Moment at={row.deliveredAt} ago /> },
  ],
  emptyHint: (
    <p>Add the URL of a ticket system, a playbook or another receiver. Each call is signed (Standard Webhooks).</p>
  ),
};

interface DoingsProps {
  readonly state: DoingState<Doing>;
  readonly reload: () => void;
}

function Doings({ state: { doing, begin, close, done }, reload }: DoingsProps): JSX.Element | null {
  if (doing === undefined) return null;
  if (doing.kind === 'secret') {
    const { webhook, secret } = doing.made;
    return (
      <ShownOnce long title={`Secret for ${webhook.name}`} label="secret" value={secret} close={close}>
        The receiver verifies calls with this secret. It is shown once:
      </ShownOnce>
    );
  }
  const show = (made: WebhookWithSecret): void => {
    begin({ kind: 'secret', made });
    reload();
  };
  if (doing.kind === 'add') return <WebhookForm close={close} done={done} show={show} />;
  const { webhook } = doing;
  if (doing.kind === 'edit') return <WebhookForm webhook={webhook} close={close} done={done} show={show} />;
  if (doing.kind === 'calls') return <Deliveries webhook={webhook} close={close} changed={reload} />;
  const { title, act, text, perform } = {
    rotate: {
      title: `New secret for ${webhook.name}`,
      act: 'Create a new secret',
      text: 'Calls are signed with the new secret from now on.',
      perform: async () => show(await read(webhookWithSecretShape, 'POST', `${pathOf(webhook)}/rotate`)),
    },
    remove: {
      title: `Remove ${webhook.name}`,
      act: `Remove ${webhook.name}`,
      text: 'Deliveries stop and queued events are discarded.',
      perform: () => send('DELETE', pathOf(webhook)),
    },
  }[doing.kind];
  return (
    <Confirm title={title} act={act} perform={perform} done={doing.kind === 'rotate' ? undefined : done} cancel={close}>
      <p>{text}</p>
    </Confirm>
  );
}

function resultOf(webhook: Webhook, delivery: Delivery): string {
  if (delivery.error === null) return `${webhook.name} answered ${delivery.status} after ${delivery.milliseconds} ms.`;
  return `${webhook.name}: ${delivery.error}`;
}
