/** The last calls of a webhook, and calling it again with what it has missed. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Delivery, DeliveryList, ReplayWebhook, Replayed, Webhook } from '@cordon/protocol/console';
import { call } from '../calls/call.ts';
import { useLoaded } from '../calls/loaded.ts';
import { tookOf } from '../commands/page.tsx';
import { Badge } from '../parts/badge.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { textIn } from '../parts/fields.ts';
import { Form } from '../parts/form.tsx';
import { Moment } from '../parts/moment.tsx';
import { Notice } from '../parts/notice.tsx';
import { Table } from '../parts/table.tsx';
import type { Column } from '../parts/table.tsx';
import { pathOf } from './path.ts';

interface DeliveriesProps {
  readonly webhook: Webhook;
  readonly close: () => void;
  readonly changed: () => void;
}

export function Deliveries({ webhook, close, changed }: DeliveriesProps): JSX.Element {
  const { data, problem, reload } = useLoaded<DeliveryList>(`${pathOf(webhook)}/deliveries`);
  const [said, setSaid] = useState<string>();
  const replay = async (fields: FormData): Promise<void> => {
    const body: ReplayWebhook = { since: new Date(textIn(fields, 'since')).getTime() };
    setSaid(outcomeOf(await call<Replayed>('POST', `${pathOf(webhook)}/replay`, { body })));
    await reload();
    changed();
  };
  return (
    <Dialog wide title={`Calls of ${webhook.name}`} close={close}>
      <div class="body">
        <Notice kind="problem" text={problem} />
        {data?.deliveries.length === 0 ? (
          <p>It has not been called yet.</p>
        ) : (
          <div class="recent">
            <Table label="Last calls" columns={columns} rows={data?.deliveries ?? []} keyOf={(row) => row.id} />
          </div>
        )}
        <h3>Call it again</h3>
        <Form act="Replay" submit={replay}>
          <Field
            label="With everything since"
            name="since"
            type="datetime-local"
            required
            help="In your zone. Receivers tell what they had before by its id."
          />
        </Form>
        <p role="status">{said}</p>
      </div>
      <footer>
        <button type="button" onClick={() => void reload()}>
          Look again
        </button>
        <button type="button" class="primary" onClick={close}>
          Done
        </button>
      </footer>
    </Dialog>
  );
}

function outcomeOf({ events, from }: Replayed): string {
  if (from === null) return 'Nothing has happened since then that it is called for.';
  return `It is called again with ${events.toLocaleString()} ${events === 1 ? 'event' : 'events'}, from number ${from} on.`;
}

const columns: readonly Column<Delivery>[] = [
  { title: 'When', cell: (row) => <Moment at={row.at} /> },
  { title: 'Event', head: true, cell: (row) => (row.event === 0 ? row.kind : `${row.event} ${row.kind}`) },
  {
    title: 'Answer',
    cell: (row) => (
      <>
        <Badge tone={row.error === null ? 'good' : 'danger'}>{row.status ?? 'none'}</Badge> {row.error}
      </>
    ),
  },
  { title: 'Attempt', kind: 'number', cell: (row) => row.attempt },
  { title: 'Took', kind: 'number', cell: (row) => tookOf(row.milliseconds) },
];
