/** Files found by a task, each with its endpoint and path. */
import type { JSX } from 'preact';
import type { AgentProgress } from '@cordon/protocol/console';
import { ExportButton } from '../list/export-button.tsx';
import { EndpointLink } from '../widgets/links.tsx';
import { Moment, utcOf } from '../widgets/moment.tsx';
import { sizeOf } from '../widgets/size.ts';
import { Table } from '../list/table.tsx';
import type { Column } from '../list/table.tsx';

interface Found {
  readonly on: AgentProgress;
  readonly copy: NonNullable<AgentProgress['progress']>['copies'][number];
  readonly key: string;
}

export function Copies({ agents }: { agents: readonly AgentProgress[] }): JSX.Element | null {
  const found = agents.flatMap((on) =>
    (on.progress?.copies ?? []).map((copy, index): Found => ({ on, copy, key: `${on.agent} ${index}` })),
  );
  if (found.length === 0) return null;
  return (
    <section>
      <h2 class="apart">Copies found</h2>
      <div class="bar">
        <span class="grow" />
        <ExportButton of={exported} rows={() => found} />
      </div>
      <Table label="Copies found" columns={columns} rows={found} keyOf={(row) => row.key} />
    </section>
  );
}

const columns: readonly Column<Found>[] = [
  {
    title: 'Endpoint',
    cell: (row) => <EndpointLink of={row.on} />,
  },
  { title: 'Path', head: true, cell: (row) => <code class="text">{row.copy.path.text}</code> },
  { title: 'SHA-1', cell: (row) => <code class="text">{row.copy.sha1}</code> },
  { title: 'Size', kind: 'number', cell: (row) => sizeOf(row.copy.size) },
  { title: 'Package', cell: (row) => row.copy.package ?? '' },
  { title: 'Used by', cell: (row) => <span class="text">{usersOf(row)}</span> },
  { title: 'Changed', cell: (row) => <Moment at={row.copy.modifiedAt} /> },
];

function usersOf({ copy }: Found): string {
  return copy.usedBy.map((one) => `${one.name} (${one.pid})`).join(', ');
}

const exported = {
  name: 'copies',
  columns: [
    ['host_name', (row: Found) => row.on.hostName],
    ['entity_id', (row: Found) => row.on.agent],
    ['path', (row: Found) => row.copy.path.text],
    ['sha1', (row: Found) => row.copy.sha1],
    ['size', (row: Found) => row.copy.size],
    ['package', (row: Found) => row.copy.package],
    ['used_by', usersOf],
    ['modified_utc', (row: Found) => utcOf(row.copy.modifiedAt)],
  ],
} as const;
