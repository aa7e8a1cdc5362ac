/** Endpoints isolated now: by whose request, for how long, and until when. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Overview } from '@cordon/protocol/console';
import { IsolationBadge } from '../widgets/isolation-badge.tsx';
import { EndpointLink } from '../widgets/links.tsx';
import { Moment, spanOf } from '../widgets/moment.tsx';
import { actorInWords } from '../words/words.ts';
import { Table } from '../list/table.tsx';
import { Link } from '../router/router.tsx';

export function IsolatedNow({ overview }: { overview: Overview }): JSX.Element {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  const { isolated } = overview;
  const all = overview.now.isolated + overview.now.isolating;
  if (isolated.length === 0) return <p class="panel">No endpoints are isolated.</p>;
  return (
    <>
      <h2>Isolated now</h2>
      <Table
        label="Isolated now"
        rows={isolated}
        keyOf={(row) => row.agent}
        columns={[
          {
            title: 'Endpoint',
            head: true,
            cell: (row) => <EndpointLink of={row} />,
          },
          { title: 'State', cell: (row) => <IsolationBadge isolation={row.isolation} /> },
          { title: 'Duration', cell: (row) => spanOf(Math.max(0, now - row.since)) },
          { title: 'Since', cell: (row) => <Moment at={row.since} /> },
          { title: 'Ends', cell: (row) => <Moment at={row.deadline} never="Until released" ago /> },
          { title: 'Requested by', cell: (row) => actorInWords(row.requestedBy ?? '') },
        ]}
      />
      {all > isolated.length ? (
        <p class="quiet">
          Showing the {isolated.length} longest of {all}.{' '}
          <Link to="/endpoints?isolation=isolated%2Cisolating">View all</Link>
        </p>
      ) : null}
    </>
  );
}
