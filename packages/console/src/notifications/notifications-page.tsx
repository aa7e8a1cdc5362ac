/** The notifications page: webhooks and the syslog collector. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Delivery, Webhook, WebhookWithSecret } from '@cordon/protocol/console';
import { deliveryShape, webhookListShape, webhookWithSecretShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read, send } from '../calls/call.ts';
import { messageOf, useLoaded } from '../calls/use-loaded.ts';
import { Badge } from '../widgets/badge.tsx';
import type { Tone } from '../widgets/badge.tsx';
import { Confirm } from '../forms/confirm.tsx';
import { Copy } from '../widgets/copy.tsx';
import { Dialog } from '../forms/dialog.tsx';
import { Empty } from '../widgets/empty.tsx';
import { Moment } from '../widgets/moment.tsx';
import { Notice } from '../widgets/notice.tsx';
import { Table } from '../widgets/table.tsx';
import { Deliveries } from './deliveries.tsx';
import { WebhookForm } from './webhook-form.tsx';
import { kindsInWords } from './event-kinds.tsx';
import { pathOf } from './webhook-path.ts';
import { SyslogPanel } from './syslog-panel.tsx';

type Doing =
  | { readonly kind: 'add' }
  | { readonly kind: 'edit' | 'calls' | 'remove' | 'rotate'; readonly webhook: Webhook }
  | { readonly kind: 'secret'; readonly made: WebhookWithSecret };

export function NotificationsPage(): JSX.Element {
  const { data, problem, reload } = useLoaded(webhookListShape, consolePaths.webhooks);
  const [doing, setDoing] = useState<Doing>();
  const [said, setSaid] = useState<string>();
  const close = (): void => setDoing(undefined);
  const test = async (webhook: Webhook): Promise<void> => {
    setSaid(`Calling ${webhook.name} …`);
    setSaid(resultOf(webhook, await read(deliveryShape, 'POST', `${pathOf(webhook)}/test`)));
    await reload();
  };
  const toggle = async (webhook: Webhook): Promise<void> => {
    await send('PATCH', pathOf(webhook), { body: { enabled: !webhook.enabled } });
    await reload();
  };
  const attempt =
    (work: (webhook: Webhook) => Promise<void>) =>
    (webhook: Webhook): void =>
      void work(webhook).catch((error: unknown) => setSaid(messageOf(error)));
  return (
    <>
      <h1>Notifications</h1>
      <p class="lead">Send detections, isolations, approvals and tampering to other systems as they happen.</p>
      <Notice kind="problem" text={problem} />
      <h2>Webhooks</h2>
      <div class="bar">
        <button type="button" class="primary" onClick={() => setDoing({ kind: 'add' })}>
          Add a webhook
        </button>
        <span role="status">{said}</span>
      </div>
      {data?.webhooks.length === 0 ? (
        <Empty title="No webhooks yet.">
          <p>
            Add the URL of a ticket system, a playbook or another receiver. Each call is signed (Standard Webhooks).
          </p>
        </Empty>
      ) : (
        <WebhookTable webhooks={data?.webhooks ?? []} begin={setDoing} test={attempt(test)} toggle={attempt(toggle)} />
      )}
      <SyslogPanel />
      <Doings doing={doing} setDoing={setDoing} close={close} reload={reload} />
    </>
  );
}

const tones: Record<Webhook['state'], Tone> = { working: 'good', retrying: 'warning', failing: 'danger' };

interface WebhookTableProps {
  readonly webhooks: readonly Webhook[];
  readonly begin: (doing: Doing) => void;
  readonly test: (webhook: Webhook) => void;
  readonly toggle: (webhook: Webhook) => void;
}

function WebhookTable({ webhooks, ...acts }: WebhookTableProps): JSX.Element {
  return (
    <Table
      label="Webhooks"
      rows={webhooks}
      keyOf={(row) => row.id}
      columns={[
        { title: 'Name', head: true, cell: (row) => row.name },
        { title: 'URL', cell: (row) => <span class="text">{row.url}</span> },
        {
          title: 'State',
          cell: (row) => (
            <>
              {row.enabled ? (
                <Badge tone={tones[row.state]}>{row.state}</Badge>
              ) : (
                <Badge tone="neutral">disabled</Badge>
              )}
              {row.lastError === null ? null : <span class="quiet"> {row.lastError}</span>}
            </>
          ),
        },
        { title: 'Events', cell: (row) => kindsInWords(row.kinds) },
        { title: 'Queued', kind: 'number', cell: (row) => row.behind },
        { title: 'Last delivery', cell: (row) => <Moment at={row.deliveredAt} ago /> },
        {
          title: 'Actions',
          kind: 'acts',
          cell: (webhook) => <WebhookActs webhook={webhook} {...acts} />,
        },
      ]}
    />
  );
}

function WebhookActs({
  webhook,
  begin,
  test,
  toggle,
}: Omit<WebhookTableProps, 'webhooks'> & { webhook: Webhook }): JSX.Element {
  return (
    <>
      <button type="button" aria-label={`Edit ${webhook.name}`} onClick={() => begin({ kind: 'edit', webhook })}>
        Edit
      </button>
      <button
        type="button"
        aria-label={`Deliveries to ${webhook.name}`}
        onClick={() => begin({ kind: 'calls', webhook })}
      >
        {' '}
        Deliveries{' '}
      </button>
      <button type="button" aria-label={`Test ${webhook.name}`} onClick={() => test(webhook)}>
        Test
      </button>
      <button
        type="button"
        aria-label={`${webhook.enabled ? 'Disable' : 'Enable'} ${webhook.name}`}
        onClick={() => toggle(webhook)}
      >
        {webhook.enabled ? 'Disable' : 'Enable'}
      </button>
      <button
        type="button"
        aria-label={`New secret for ${webhook.name}`}
        onClick={() => begin({ kind: 'rotate', webhook })}
      >
        New secret
      </button>
      <button type="button" aria-label={`Remove ${webhook.name}`} onClick={() => begin({ kind: 'remove', webhook })}>
        Remove
      </button>
    </>
  );
}

interface DoingsProps {
  readonly doing: Doing | undefined;
  readonly setDoing: (doing: Doing) => void;
  readonly close: () => void;
  readonly reload: () => Promise<void>;
}

function Doings({ doing, setDoing, close, reload }: DoingsProps): JSX.Element | null {
  if (doing === undefined) return null;
  if (doing.kind === 'secret') return <Secret made={doing.made} close={close} />;
  const show = (made: WebhookWithSecret): void => {
    setDoing({ kind: 'secret', made });
    void reload();
  };
  const changed = (made: WebhookWithSecret | undefined): void => {
    close();
    if (made === undefined) void reload();
    else show(made);
  };
  if (doing.kind === 'add') return <WebhookForm close={close} done={changed} />;
  const { webhook } = doing;
  if (doing.kind === 'edit') return <WebhookForm webhook={webhook} close={close} done={changed} />;
  if (doing.kind === 'calls') return <Deliveries webhook={webhook} close={close} changed={() => void reload()} />;
  if (doing.kind === 'rotate') {
    return (
      <Confirm
        title={`New secret for ${webhook.name}`}
        act="Create a new secret"
        perform={async () => show(await read(webhookWithSecretShape, 'POST', `${pathOf(webhook)}/rotate`))}
        done={() => undefined}
        cancel={close}
      >
        <p>Calls are signed with the new secret from now on.</p>
      </Confirm>
    );
  }
  return (
    <Confirm
      title={`Remove ${webhook.name}`}
      act={`Remove ${webhook.name}`}
      perform={() => send('DELETE', pathOf(webhook))}
      done={() => {
        close();
        void reload();
      }}
      cancel={close}
    >
      <p>Deliveries stop and queued events are discarded.</p>
    </Confirm>
  );
}

function Secret({ made, close }: { made: WebhookWithSecret; close: () => void }): JSX.Element {
  return (
    <Dialog title={`Secret for ${made.webhook.name}`} close={close}>
      <div class="body">
        <p>The receiver verifies calls with this secret. It is shown once:</p>
        <Copy long label="secret" value={made.secret} />
      </div>
      <footer>
        <button type="button" class="primary" onClick={close}>
          I have copied it
        </button>
      </footer>
    </Dialog>
  );
}

function resultOf(webhook: Webhook, delivery: Delivery): string {
  if (delivery.error === null) return `${webhook.name} answered ${delivery.status} after ${delivery.milliseconds} ms.`;
  return `${webhook.name}: ${delivery.error}`;
}
