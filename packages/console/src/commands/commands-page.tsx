/** The commands page: pending approvals, requests and their results. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { approvalListShape, commandListShape } from '@cordon/protocol/console';
import type { Approval, CommandRecord } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { useLoaded } from '../calls/use-loaded.ts';
import { ListPage } from '../list/list-page.tsx';
import { Table } from '../list/table.tsx';
import { pagesOf, useList } from '../list/use-list.ts';
import type { ListSpec } from '../list/use-list.ts';
import { Link } from '../router/router.tsx';
import { Badge } from '../widgets/badge.tsx';
import type { Tone } from '../widgets/badge.tsx';
import { EndpointLink } from '../widgets/links.tsx';
import { Moment, tookOf, utcOf } from '../widgets/moment.tsx';
import { Notice } from '../widgets/notice.tsx';
import { actorInWords, inWords } from '../words/words.ts';
import { ApprovalCard } from './approval-card.tsx';

export function CommandsPage(): JSX.Element {
  const list = useList(commands);
  const { data, problem, reload } = useLoaded(approvalListShape, consolePaths.approvals, ['approvals']);
  const pending = data?.approvals.filter((one) => one.state === 'pending') ?? [];
  return (
    <ListPage
      spec={commands}
      list={list}
      above={
        <>
          <Notice kind="problem" text={problem} />
          {pending.map((one) => (
            <ApprovalCard key={one.id} approval={one} decided={() => void reload()} />
          ))}
        </>
      }
    >
      <Decided approvals={data?.approvals.filter((one) => one.state !== 'pending') ?? []} />
    </ListPage>
  );
}

const tones: Record<CommandRecord['state'], Tone> = {
  pending: 'warning',
  done: 'good',
  failed: 'danger',
  superseded: 'neutral',
};

const commands: ListSpec<CommandRecord> = {
  title: 'Commands',
  lead: 'Actions, who requested them and their results.',
  nouns: 'commands',
  load: pagesOf(commandListShape, consolePaths.commands, (page) => page.commands),
  live: ['commands'],
  keyOf: (row) => row.id,
  columns: [
    { title: 'Time', cell: (row) => <Moment at={row.requestedAt} /> },
    { title: 'Action', head: true, cell: (row) => inWords(row.act) },
    { title: 'Endpoint', cell: (row) => <EndpointLink of={row} /> },
    { title: 'Requested by', cell: (row) => actorInWords(row.requestedBy) },
    {
      title: 'Result',
      cell: (row) => (
        <>
          <Badge tone={tones[row.state]}>{inWords(row.state)}</Badge>
          {row.outcome === null ? null : <span class="quiet"> {row.outcome}</span>}
        </>
      ),
    },
    {
      title: 'Duration',
      kind: 'number',
      cell: (row) => (row.finishedAt === null ? '' : tookOf(row.finishedAt - row.requestedAt)),
    },
  ],
  exported: {
    name: 'commands',
    columns: [
      ['requested_utc', (row) => utcOf(row.requestedAt)],
      ['act', (row) => row.act],
      ['host_name', (row) => row.hostName],
      ['entity_id', (row) => row.agent],
      ['requested_by', (row) => row.requestedBy],
      ['state', (row) => row.state],
      ['outcome', (row) => row.outcome],
      ['finished_utc', (row) => (row.finishedAt === null ? '' : utcOf(row.finishedAt))],
    ],
  },
  emptyHint: (
    <p>
      Isolate an endpoint from <Link to="/endpoints">Endpoints</Link> or through the Automation API.
    </p>
  ),
};

function Decided({ approvals }: { approvals: readonly Approval[] }): JSX.Element | null {
  const [shown, setShown] = useState(false);
  if (approvals.length === 0) return null;
  return (
    <section>
      <h2 class="apart">Decided approvals</h2>
      {shown ? (
        <Table
          label="Decided approvals"
          rows={approvals}
          keyOf={(row) => row.id}
          columns={[
            { title: 'Number', head: true, cell: (row) => row.id },
            { title: 'Action', cell: (row) => `${inWords(row.act)} ${row.hostNames.join(', ')}` },
            { title: 'Requested by', cell: (row) => actorInWords(row.requestedBy) },
            { title: 'State', cell: (row) => inWords(row.state) },
            { title: 'Decided by', cell: (row) => actorInWords(row.decidedBy ?? '') },
            { title: 'Time', cell: (row) => <Moment at={row.decidedAt} never="" /> },
          ]}
        />
      ) : (
        <button type="button" onClick={() => setShown(true)}>
          Show {approvals.length}
        </button>
      )}
    </section>
  );
}
