/** Quarantined files; those that can be restored have a checkbox. */
import type { JSX } from 'preact';
import type { QuarantinedFile } from '@cordon/protocol/console';
import { objectPlace } from '../detections/detections-page.tsx';
import { Badge } from '../widgets/badge.tsx';
import type { Tone } from '../widgets/badge.tsx';
import { Moment } from '../widgets/moment.tsx';
import { sizeOf } from '../widgets/size.ts';
import { Table } from '../widgets/table.tsx';
import type { Column } from '../widgets/table.tsx';
import { may } from '../session/permissions.ts';
import { Link } from '../router/router.tsx';

interface QuarantineTableProps {
  readonly files: readonly QuarantinedFile[];
  readonly picked: ReadonlySet<string>;
  readonly pick: (name: string) => void;
}

const tones: Record<QuarantinedFile['state'], Tone> = {
  quarantined: 'good',
  restoring: 'warning',
  restored: 'neutral',
};

export function QuarantineTable({ files, picked, pick }: QuarantineTableProps): JSX.Element {
  const ticks: Column<QuarantinedFile> = {
    title: 'Select',
    cell: (row) =>
      row.state === 'quarantined' ? (
        <input
          type="checkbox"
          aria-label={`Select ${row.path.text} on ${row.hostName}`}
          checked={picked.has(nameOf(row))}
          onChange={() => pick(nameOf(row))}
        />
      ) : null,
  };
  return <Table label="Quarantine" columns={may('ask') ? [ticks, ...columns] : columns} rows={files} keyOf={nameOf} />;
}

/** Agents choose these IDs themselves, so an ID is unique only with its endpoint. */
export function nameOf({ agent, quarantine }: QuarantinedFile): string {
  return `${agent} ${quarantine}`;
}

const columns: readonly Column<QuarantinedFile>[] = [
  { title: 'Time', cell: (row) => <Moment at={row.at} /> },
  { title: 'Endpoint', cell: (row) => <Link to={`/endpoints/${encodeURIComponent(row.agent)}`}>{row.hostName}</Link> },
  { title: 'Path', head: true, cell: (row) => <code class="text">{row.path.text}</code> },
  {
    title: 'State',
    cell: (row) => (
      <>
        <Badge tone={tones[row.state]}>{row.state}</Badge>
        {row.message === null ? null : <span class="quiet text"> {row.message}</span>}
      </>
    ),
  },
  {
    title: 'Object',
    cell: (row) => (
      <Link to={objectPlace(row.object)}>
        <code class="text">{row.object.content}</code>
      </Link>
    ),
  },
  { title: 'Size', kind: 'number', cell: (row) => sizeOf(row.size) },
];
