/** The last calls of a webhook, and the replay of missed events. */
import type { JSX } from 'preact';
import { deliveryListShape, replayedShape } from '@cordon/protocol/console';
import { useState } from 'preact/hooks';
import type { Delivery, ReplayWebhook, Replayed, Webhook } from '@cordon/protocol/console';
import { read } from '../calls/call.ts';
import { useLoaded } from '../calls/use-loaded.ts';
import { Badge } from '../widgets/badge.tsx';
import { Dialog } from '../forms/dialog.tsx';
import { Field } from '../forms/field.tsx';
import { textIn } from '../forms/form-data.ts';
import { Form } from '../forms/form.tsx';
import { Moment, tookOf } from '../widgets/moment.tsx';
import { Notice } from '../widgets/notice.tsx';
import { Table } from '../list/table.tsx';
import type { Column } from '../list/table.tsx';
import { countOf } from '../words/words.ts';
import { kindInWords } from './event-kinds.tsx';
import { pathOf } from './webhook-path.ts';

interface DeliveriesProps {
  readonly webhook: Webhook;
  readonly close: () => void;
  readonly changed: () => void;
}

export function Deliveries({ webhook, close, changed }: DeliveriesProps): JSX.Element {
  const { data, problem, reload } = useLoaded(deliveryListShape, `${pathOf(webhook)}/deliveries`);
  const [result, setResult] = useState<string>();
  const replay = async (fields: FormData): Promise<void> => {
    const body: ReplayWebhook = { since: new Date(textIn(fields, 'since')).getTime() };
    setResult(outcomeOf(await read(replayedShape, 'POST', `${pathOf(webhook)}/replay`, { body })));
    await reload();
    changed();
  };
  return (
    <Dialog wide title={`Deliveries to ${webhook.name}`} close={close}>
      <div class="body">
        <Notice kind="problem" text={problem} />
        {data?.deliveries.length === 0 ? (
          <p>No deliveries yet.</p>
        ) : (
          <div class="recent">
            <Table label="Recent deliveries" columns={columns} rows={data?.deliveries ?? []} keyOf={(row) => row.id} />
          </div>
        )}
        <h3>Replay events</h3>
        <Form act="Replay" submit={replay}>
          <Field
            label="Events since"
            name="since"
            type="datetime-local"
            required
            help="In your time zone. Receivers can recognize repeated events by their ID."
          />
        </Form>
        <p role="status">{result}</p>
      </div>
      <footer>
        <button type="button" onClick={() => void reload()}>
          Refresh
        </button>
        <button type="button" class="primary" onClick={close}>
          Done
        </button>
      </footer>
    </Dialog>
  );
}

function outcomeOf({ events, from }: Replayed): string {
  if (from === null) return 'No events to replay since then.';
  return `Replaying ${countOf(events, 'event')}, starting with event ${from}.`;
}

const columns: readonly Column<Delivery>[] = [
  { title: 'Time', cell: (row) => <Moment at={row.at} /> },
  {
    title: 'Event',
    head: true,
    cell: (row) => (row.event === 0 ? kindInWords(row.kind) : `${row.event} ${kindInWords(row.kind)}`),
  },
  {
    title: 'Response',
    cell: (row) => (
      <>
        <Badge tone={row.error === null ? 'good' : 'danger'}>{row.status ?? 'None'}</Badge> {row.error}
      </>
    ),
  },
  { title: 'Attempt', kind: 'number', cell: (row) => row.attempt },
  { title: 'Duration', kind: 'number', cell: (row) => tookOf(row.milliseconds) },
];
