/** The tasks page: sweeps, searches and restores, with progress and requester. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { FleetTask } from '@cordon/protocol/console';
import { fleetTaskListShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { useLoaded } from '../calls/use-loaded.ts';
import { Badge } from '../widgets/badge.tsx';
import { Empty } from '../widgets/empty.tsx';
import { ExportButton } from '../export/export-button.tsx';
import { Moment, utcOf } from '../widgets/moment.tsx';
import { Notice } from '../widgets/notice.tsx';
import { Table } from '../widgets/table.tsx';
import type { Column } from '../widgets/table.tsx';
import { may } from '../session/permissions.ts';
import { Link } from '../router/router.tsx';
import { FindDialog } from './search-dialog.tsx';
import { TaskProgress } from './task-progress.tsx';
import { SweepDialog } from './scan-dialog.tsx';
import { askerOf, foundIn, stateTones, titleOf } from './task-text.ts';

export function TasksPage(): JSX.Element {
  const { data, problem } = useLoaded(fleetTaskListShape, consolePaths.tasks, ['tasks']);
  const [doing, setDoing] = useState<'sweep' | 'find'>();
  const close = (): void => setDoing(undefined);
  return (
    <>
      <h1>Tasks</h1>
      <p class="lead">Disk scans, file searches, restores and their progress.</p>
      <div class="bar">
        {may('ask') ? (
          <>
            <button type="button" class="primary" onClick={() => setDoing('sweep')}>
              Scan now …
            </button>
            <button type="button" onClick={() => setDoing('find')}>
              Search for a file …
            </button>
          </>
        ) : null}
        <span class="grow" />
        <ExportButton of={exported} rows={() => data?.tasks ?? []} />
      </div>
      <Notice kind="problem" text={problem} />
      {data?.tasks.length === 0 ? (
        <Empty title="No tasks yet.">
          <p>
            Start a scan or search for a file. Endpoints whose group scans disks also scan automatically when the object
            list changes.
          </p>
        </Empty>
      ) : (
        <Table label="Tasks" columns={columns} rows={data?.tasks ?? []} keyOf={(row) => row.id} />
      )}
      {doing === 'sweep' ? <SweepDialog close={close} /> : null}
      {doing === 'find' ? <FindDialog close={close} /> : null}
    </>
  );
}

const columns: readonly Column<FleetTask>[] = [
  { title: 'Requested', cell: (row) => <Moment at={row.requestedAt} /> },
  {
    title: 'Task',
    head: true,
    cell: (row) => (
      <Link to={`/tasks/${encodeURIComponent(row.id)}`}>
        <span class="text">{titleOf(row)}</span>
      </Link>
    ),
  },
  { title: 'State', cell: (row) => <Badge tone={stateTones[row.state]}>{row.state}</Badge> },
  { title: 'Endpoints', cell: (row) => <TaskProgress task={row} /> },
  { title: 'Files scanned', kind: 'number', cell: (row) => row.files.toLocaleString() },
  { title: 'Found', cell: foundIn },
  { title: 'Requested by', cell: askerOf },
];

const exported = {
  name: 'tasks',
  columns: [
    ['requested_utc', (row: FleetTask) => utcOf(row.requestedAt)],
    ['task', (row: FleetTask) => row.id],
    ['what', titleOf],
    ['requested_by', (row: FleetTask) => row.requestedBy],
    ['state', (row: FleetTask) => row.state],
    ['endpoints', (row: FleetTask) => row.agents],
    ['done', (row: FleetTask) => row.done],
    ['failed', (row: FleetTask) => row.failed],
    ['files', (row: FleetTask) => row.files],
    ['found', (row: FleetTask) => row.found],
    ['found_on', (row: FleetTask) => row.foundOn],
  ],
} as const;
