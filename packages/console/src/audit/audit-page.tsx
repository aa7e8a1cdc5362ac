/** The audit: who did or tried what, and whether its chain is intact. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { auditPageShape } from '@cordon/protocol/console';
import type { AuditLine } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { messageOf } from '../calls/use-loaded.ts';
import { ListPage } from '../list/list-page.tsx';
import { pagesOf, useList } from '../list/use-list.ts';
import type { ListSpec } from '../list/use-list.ts';
import { isLimited } from '../session/permissions.ts';
import { Badge } from '../widgets/badge.tsx';
import { Moment, utcOf } from '../widgets/moment.tsx';
import { Notice } from '../widgets/notice.tsx';
import { actorInWords, countOf, inWords } from '../words/words.ts';
import { detailInWords } from './detail-text.ts';
import { allLines, verify } from './verify-chain.ts';
import type { Verdict } from './verify-chain.ts';

export function AuditPage(): JSX.Element {
  const list = useList(entries);
  return (
    <ListPage
      spec={entries}
      // Oldest first and in large pages, as the chain is verified.
      list={{ ...list, all: () => allLines(() => undefined) }}
      above={isLimited() ? <LimitedNote /> : <Verification />}
      buttons={
        <button type="button" onClick={list.reload}>
          Newest
        </button>
      }
    />
  );
}

function LimitedNote(): JSX.Element {
  return (
    <p class="quiet">
      You see entries about your endpoints and your own actions. Verifying the whole chain needs an account that is not
      limited to folders.
    </p>
  );
}

type Checking = { kind: 'idle' } | { kind: 'busy'; lines: number } | { kind: 'done'; verdict: Verdict };

function Verification(): JSX.Element {
  const [state, setState] = useState<Checking>({ kind: 'idle' });
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
        {lines.toLocaleString()} entries, signed up to entry {signedUpTo} by {countOf(checkpoints, 'checkpoint')}
        {signatures === 'unknown' ? ' (this browser cannot check Ed25519 signatures; use "cordon audit verify")' : ''}
      </span>
    </>
  );
}

const entries: ListSpec<AuditLine> = {
  title: 'Audit log',
  lead: 'Who did or attempted what, from where, and the outcome. Each entry is chained to the previous one.',
  nouns: 'entries',
  load: pagesOf(auditPageShape, consolePaths.audit, (page) => page.lines),
  keyOf: (row) => row.id,
  columns: [
    { title: 'Entry', kind: 'number', cell: (row) => row.id },
    { title: 'Time', cell: (row) => <Moment at={row.at} /> },
    { title: 'User', cell: (row) => actorInWords(row.actor) },
    { title: 'From', cell: (row) => row.source },
    { title: 'Action', head: true, cell: (row) => <span title={row.act}>{inWords(row.act)}</span> },
    { title: 'Target', cell: (row) => <span class="text">{actorInWords(row.target)}</span> },
    {
      title: 'Outcome',
      cell: (row) => <Badge tone={row.outcome === 'done' ? 'good' : 'warning'}>{inWords(row.outcome)}</Badge>,
    },
    { title: 'Detail', cell: (row) => <span class="text">{detailInWords(row.detail)}</span> },
  ],
  exported: {
    name: 'audit',
    columns: [
      ['id', (row) => row.id],
      ['at_utc', (row) => utcOf(row.at)],
      ['actor', (row) => row.actor],
      ['source', (row) => row.source],
      ['act', (row) => row.act],
      ['target', (row) => row.target],
      ['outcome', (row) => row.outcome],
      ['detail', (row) => row.detail],
      ['request_id', (row) => row.requestId],
      ['hash', (row) => row.hash],
    ],
  },
};
