/** The commands page: pending approvals, requests and their results. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Approval, CommandRecord } from '@cordon/protocol/console';
import { approvalListShape, commandListShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read, withQuery } from '../calls/call.ts';
import { useLive } from '../calls/live.ts';
import { useLoaded } from '../calls/use-loaded.ts';
import { usePages } from '../calls/use-pages.ts';
import { Badge } from '../widgets/badge.tsx';
import type { Tone } from '../widgets/badge.tsx';
import { Empty } from '../widgets/empty.tsx';
import { ExportButton } from '../export/export-button.tsx';
import { Moment, spanOf, utcOf } from '../widgets/moment.tsx';
import { More } from '../widgets/show-more.tsx';
import { Notice } from '../widgets/notice.tsx';
import { Table } from '../widgets/table.tsx';
import type { Column } from '../widgets/table.tsx';
import { Link } from '../router/router.tsx';
import { ApprovalCard } from './approval-card.tsx';

export function CommandsPage(): JSX.Element {
  const commands = usePages<CommandRecord, number>('commands', async (before) => {
    const path = withQuery(consolePaths.commands, { before, limit: 200 });
    const page = await read(commandListShape, 'GET', path);
    return { rows: page.commands, next: page.next };
  });
  const approvals = useLoaded(approvalListShape, consolePaths.approvals);
  useLive(['commands'], () => void commands.reload());
  useLive(['approvals'], () => void approvals.reload());
  const all = approvals.data?.approvals ?? [];
  const waiting = all.filter((one) => one.state === 'pending');
  const { rows } = commands;
  return (
    <>
      <h1>Commands</h1>
      <p class="lead">Actions, who requested them and their results.</p>
      <Notice kind="problem" text={commands.problem ?? approvals.problem} />
      {waiting.map((one) => (
        <ApprovalCard key={one.id} approval={one} decided={() => void approvals.reload()} />
      ))}
      {rows !== undefined && rows.length === 0 ? (
        <Empty title="No commands yet.">
          <p>
            Isolate an endpoint from <Link to="/endpoints">Endpoints</Link>or through the Automation API.
          </p>
        </Empty>
      ) : (
        <>
          <div class="bar">
            <span class="grow" />
            <ExportButton of={exported} rows={() => commands.all()} />
          </div>
          <Table label="Commands" columns={columns} rows={rows ?? []} keyOf={(row) => row.id} />
          <More pages={commands} />
        </>
      )}
      <Decided approvals={all.filter((one) => one.state !== 'pending')} />
    </>
  );
}

const tones: Record<CommandRecord['state'], Tone> = {
  pending: 'warning',
  done: 'good',
  failed: 'danger',
  superseded: 'neutral',
};

export function CommandState({ command }: { command: CommandRecord }): JSX.Element {
  return (
    <>
      <Badge tone={tones[command.state]}>{command.state}</Badge>
      {command.outcome === null ? null : <span class="quiet"> {command.outcome}</span>}
    </>
  );
}

const columns: readonly Column<CommandRecord>[] = [
  { title: 'Time', cell: (row) => <Moment at={row.requestedAt} /> },
  { title: 'Action', head: true, cell: (row) => row.act },
  {
    title: 'Endpoint',
    cell: (row) => <Link to={`/endpoints/${encodeURIComponent(row.agent)}`}>{row.hostName}</Link>,
  },
  { title: 'Requested by', cell: (row) => row.requestedBy },
  { title: 'Result', cell: (row) => <CommandState command={row} /> },
  {
    title: 'Duration',
    kind: 'number',
    cell: (row) => (row.finishedAt === null ? '' : tookOf(row.finishedAt - row.requestedAt)),
  },
];

/** Shown in milliseconds when it is that fast. */
export function tookOf(milliseconds: number): string {
  return milliseconds < 10_000 ? `${milliseconds} ms` : spanOf(milliseconds);
}

const exported = {
  name: 'commands',
  columns: [
    ['requested_utc', (row: CommandRecord) => utcOf(row.requestedAt)],
    ['act', (row: CommandRecord) => row.act],
    ['host_name', (row: CommandRecord) => row.hostName],
    ['entity_id', (row: CommandRecord) => row.agent],
    ['requested_by', (row: CommandRecord) => row.requestedBy],
    ['state', (row: CommandRecord) => row.state],
    ['outcome', (row: CommandRecord) => row.outcome],
    ['finished_utc', (row: CommandRecord) => (row.finishedAt === null ? '' : utcOf(row.finishedAt))],
  ],
} as const;

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
            { title: 'Action', cell: (row) => `${row.act} ${row.hostNames.join(', ')}` },
            { title: 'Requested by', cell: (row) => row.requestedBy },
            { title: 'State', cell: (row) => row.state },
            { title: 'Decided by', cell: (row) => row.decidedBy ?? '' },
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
