/** The audit: who did or tried what, and whether its chain holds. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AuditLine } from '@cordon/protocol/console';
import { auditPageShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read, withQuery } from '../calls/call.ts';
import { messageOf } from '../calls/use-loaded.ts';
import { usePages } from '../calls/use-pages.ts';
import { Badge } from '../widgets/badge.tsx';
import { ExportButton } from '../export/export-button.tsx';
import { Moment, utcOf } from '../widgets/moment.tsx';
import { More } from '../widgets/show-more.tsx';
import { Notice } from '../widgets/notice.tsx';
import { Table } from '../widgets/table.tsx';
import type { Column } from '../widgets/table.tsx';
import { isLimited } from '../session/permissions.ts';
import { allLines, verify } from './verify-chain.ts';
import type { Verdict } from './verify-chain.ts';
import { detailInWords } from './detail-text.ts';

const pageSize = 100;

export function AuditPage(): JSX.Element {
  const pages = usePages<AuditLine, number>('audit', loadBefore);
  return (
    <>
      <h1>Audit log</h1>
      <p class="lead">
        Who did or attempted what, from where, and the outcome. Each entry is chained to the previous one.
      </p>
      {isLimited() ? (
        <p class="quiet">
          You see entries about your endpoints and your own actions. Verifying the whole chain needs an account that is
          not limited to folders.
        </p>
      ) : (
        <Verification />
      )}
      <Notice kind="problem" text={pages.problem} />
      <div class="bar">
        <button type="button" onClick={() => void pages.reload()}>
          Newest
        </button>
        <span class="grow" />
        <ExportButton of={exported} rows={() => allLines(() => undefined)} />
      </div>
      <Table label="Audit" columns={columns} rows={pages.rows ?? []} keyOf={(row) => row.id} />
      <More pages={pages} />
    </>
  );
}

function Verification(): JSX.Element {
  const [state, setState] = useState<
    { kind: 'idle' } | { kind: 'busy'; lines: number } | { kind: 'done'; verdict: Verdict }
  >({
    kind: 'idle',
  });
  const [problem, setProblem] = useState<string>();
  const run = async (): Promise<void> => {
    setProblem(undefined);
    try {
      const verdict = await verify((lines) => setState({ kind: 'busy', lines }));
      setState({ kind: 'done', verdict });
    } catch (error) {
      setProblem(messageOf(error));
      setState({ kind: 'idle' });
    }
  };
  return (
    <div class="bar" role="status">
      <button type="button" disabled={state.kind === 'busy'} onClick={() => void run()}>
        Verify chain
      </button>
      {state.kind === 'idle' ? <span class="quiet">Checks every hash and signature in your browser.</span> : null}
      {state.kind === 'busy' ? <span class="quiet">{state.lines.toLocaleString()} entries checked …</span> : null}
      {state.kind === 'done' ? <VerdictMark verdict={state.verdict} /> : null}
      <Notice kind="problem" text={problem} />
    </div>
  );
}

function VerdictMark({ verdict }: { verdict: Verdict }): JSX.Element {
  const { lines, checkpoints, signedUpTo, problem, signatures } = verdict;
  if (problem !== undefined) return <Badge tone="danger">{problem}</Badge>;
  return (
    <>
      <Badge tone="good">Chain intact</Badge>
      <span>
        {lines.toLocaleString()} entries, signed up to entry {signedUpTo} by {checkpoints}{' '}
        {checkpoints === 1 ? 'checkpoint' : 'checkpoints'}
        {signatures === 'unknown' ? ' (this browser cannot check Ed25519 signatures; use "cordon audit verify")' : ''}
      </span>
    </>
  );
}

async function loadBefore(before: number | undefined): Promise<{ rows: AuditLine[]; next: number | null }> {
  const { lines } = await read(auditPageShape, 'GET', withQuery(consolePaths.audit, { before, limit: pageSize }));
  return { rows: lines, next: lines.length < pageSize ? null : (lines.at(-1)?.id ?? null) };
}

const columns: readonly Column<AuditLine>[] = [
  { title: 'Entry', kind: 'number', cell: (row) => row.id },
  { title: 'Time', cell: (row) => <Moment at={row.at} /> },
  { title: 'User', cell: (row) => row.actor },
  { title: 'From', cell: (row) => row.source },
  { title: 'Action', head: true, cell: (row) => row.act },
  { title: 'Target', cell: (row) => <span class="text">{row.target}</span> },
  {
    title: 'Outcome',
    cell: (row) => <Badge tone={row.outcome === 'done' ? 'good' : 'warning'}>{row.outcome}</Badge>,
  },
  { title: 'Detail', cell: (row) => <span class="text">{detailInWords(row.detail)}</span> },
];

const exported = {
  name: 'audit',
  columns: [
    ['id', (row: AuditLine) => row.id],
    ['at_utc', (row: AuditLine) => utcOf(row.at)],
    ['actor', (row: AuditLine) => row.actor],
    ['source', (row: AuditLine) => row.source],
    ['act', (row: AuditLine) => row.act],
    ['target', (row: AuditLine) => row.target],
    ['outcome', (row: AuditLine) => row.outcome],
    ['detail', (row: AuditLine) => row.detail],
    ['request_id', (row: AuditLine) => row.requestId],
    ['hash', (row: AuditLine) => row.hash],
  ],
} as const;
