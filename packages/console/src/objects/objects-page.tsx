/** The suspicious objects page: the list, and files added by their hash without leaving the browser. */
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { ListedObject } from '@cordon/protocol/console';
import { listedObjectPageShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read, withQuery } from '../calls/call.ts';
import { useLive } from '../calls/live.ts';
import { usePages } from '../calls/use-pages.ts';
import { objectPlace } from '../detections/detections-page.tsx';
import { Badge } from '../widgets/badge.tsx';
import { Empty } from '../widgets/empty.tsx';
import { ExportButton } from '../export/export-button.tsx';
import { Moment, utcOf } from '../widgets/moment.tsx';
import { More } from '../widgets/show-more.tsx';
import { Notice } from '../widgets/notice.tsx';
import { Table } from '../widgets/table.tsx';
import type { Column } from '../widgets/table.tsx';
import { may } from '../session/permissions.ts';
import { Link, place, setQuery } from '../router/router.tsx';
import { DropZone } from '../hashing/drop-zone.tsx';
import { ObjectForm } from './object-form.tsx';
import type { HashedFile } from '../hashing/hash-file.ts';
import { NothingEnforced } from './nothing-enforced.tsx';

type Doing = { readonly kind: 'add'; readonly file?: HashedFile };

export function ObjectsPage(): JSX.Element {
  const { query } = place.value;
  const filter = { search: query.get('search') ?? '', type: query.get('type') ?? '' };
  const pages = usePages<ListedObject, string>(JSON.stringify(filter), async (after) => {
    const page = await read(
      listedObjectPageShape,
      'GET',
      withQuery(consolePaths.objects, { ...filter, after, limit: 100 }),
    );
    return { rows: page.objects, next: page.next };
  });
  useLive(['objects', 'detections'], () => void pages.reload());
  const [doing, setDoing] = useState<Doing>();
  return (
    <>
      <h1>Suspicious objects</h1>
      <p class="lead">Files, addresses, domains and URLs that agents log, block or quarantine.</p>
      <NothingEnforced />
      {may('change-objects') ? <DropZone take={(file) => setDoing({ kind: 'add', file })} /> : null}
      <Filters filter={filter} all={() => pages.all()} add={() => setDoing({ kind: 'add' })} />
      <Notice kind="problem" text={pages.problem} />
      {pages.rows?.length === 0 ? (
        <Empty title={filter.search + filter.type === '' ? 'No objects yet.' : 'No objects match.'}>
          <p>Drop a file above, add an object manually, or send one through the Automation API.</p>
        </Empty>
      ) : (
        <Table
          label="Suspicious objects"
          columns={columns}
          rows={pages.rows ?? []}
          keyOf={(row) => `${row.type} ${row.content}`}
        />
      )}
      <More pages={pages} />
      {doing === undefined ? null : (
        <ObjectForm
          file={doing.file}
          close={() => setDoing(undefined)}
          done={() => {
            setDoing(undefined);
            void pages.reload();
          }}
        />
      )}
    </>
  );
}

interface FiltersProps {
  readonly filter: { readonly search: string; readonly type: string };
  readonly all: () => Promise<readonly ListedObject[]>;
  readonly add: () => void;
}

function Filters({ filter, all, add }: FiltersProps): JSX.Element {
  const [typed, setTyped] = useState(filter.search);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  return (
    <div class="bar" role="search">
      {may('change-objects') ? (
        <button type="button" class="primary" onClick={add}>
          Add manually
        </button>
      ) : null}
      <input
        type="search"
        aria-label="Search objects"
        placeholder="Value or note"
        value={typed}
        onInput={(event) => {
          const text = event.currentTarget.value;
          setTyped(text);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => setQuery({ search: text.trim() }), 200);
        }}
      />
      <select aria-label="Type" value={filter.type} onChange={(event) => setQuery({ type: event.currentTarget.value })}>
        <option value="">Any type</option>
        {['file', 'file_sha1', 'ip', 'domain', 'url'].map((type) => (
          <option key={type} value={type}>
            {type}
          </option>
        ))}
      </select>
      <ExportButton of={exported} rows={all} />
    </div>
  );
}

const columns: readonly Column<ListedObject>[] = [
  { title: 'Type', cell: (row) => row.type },
  {
    title: 'Value',
    head: true,
    cell: (row) => (
      <Link to={objectPlace(row)}>
        <code class="text">{row.content}</code>
      </Link>
    ),
  },
  {
    title: 'Scan action',
    cell: (row) => (
      <>
        <Badge tone={row.action === 'log' ? 'neutral' : 'warning'}>{row.action}</Badge>
        {row.halted === null ? null : <span class="quiet"> canary halted: log-only</span>}
      </>
    ),
  },
  { title: 'Enforced in', cell: (row) => row.enforceIn?.join(', ') ?? 'all groups' },
  { title: 'Note', cell: (row) => <span class="text">{row.notes}</span> },
  { title: 'Expires', cell: (row) => <Moment at={row.expiresAt} ago /> },
  { title: 'Detections', kind: 'number', cell: (row) => row.detections },
  { title: 'Quarantined files', kind: 'number', cell: (row) => row.quarantined },
  { title: 'Last changed', cell: (row) => <Moment at={row.changedAt} ago /> },
];

const exported = {
  name: 'suspicious-objects',
  columns: [
    ['type', (row: ListedObject) => row.type],
    ['content', (row: ListedObject) => row.content],
    ['scan_action', (row: ListedObject) => row.action],
    ['notes', (row: ListedObject) => row.notes],
    ['expires_utc', (row: ListedObject) => (row.expiresAt === null ? '' : utcOf(row.expiresAt))],
    ['detections', (row: ListedObject) => row.detections],
    ['quarantined', (row: ListedObject) => row.quarantined],
    ['sha256', (row: ListedObject) => row.sha256],
    ['added_utc', (row: ListedObject) => utcOf(row.addedAt)],
  ],
} as const;
