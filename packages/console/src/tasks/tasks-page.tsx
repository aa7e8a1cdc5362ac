/** The tasks page: scans, searches and restores, with progress and requester. */
import type { JSX } from 'preact';
import { fleetTaskListShape } from '@cordon/protocol/console';
import type { FleetTask } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { ListPage } from '../list/list-page.tsx';
import { useDoing } from '../list/use-doing.ts';
import { useList, wholeOf } from '../list/use-list.ts';
import type { ListSpec } from '../list/use-list.ts';
import { Link } from '../router/router.tsx';
import { may } from '../session/permissions.ts';
import { Badge } from '../widgets/badge.tsx';
import { taskPath } from '../widgets/links.tsx';
import { Moment, utcOf } from '../widgets/moment.tsx';
import { inWords } from '../words/words.ts';
import { SweepDialog } from './scan-dialog.tsx';
import { FindDialog } from './search-dialog.tsx';
import { TaskProgress } from './task-progress.tsx';
import { requesterOf, foundIn, stateTones, titleOf } from './task-text.ts';

export function TasksPage(): JSX.Element {
  const list = useList(tasks);
  const { doing, begin, close } = useDoing<'sweep' | 'find'>(list.reload);
  const buttons = (
    <>
      <button type="button" class="primary" onClick={() => begin('sweep')}>
        Scan now …
      </button>
      <button type="button" onClick={() => begin('find')}>
        Search for a file …
      </button>
    </>
  );
  return (
    <ListPage spec={tasks} list={list} buttons={may('request-tasks') ? buttons : undefined}>
      {doing === 'sweep' ? <SweepDialog close={close} /> : null}
      {doing === 'find' ? <FindDialog close={close} /> : null}
    </ListPage>
  );
}

const tasks: ListSpec<FleetTask> = {
  title: 'Tasks',
  lead: 'Disk scans, file searches, restores and their progress.',
  nouns: 'tasks',
  load: wholeOf(fleetTaskListShape, consolePaths.tasks, (answer) => answer.tasks),
  live: ['tasks'],
  keyOf: (row) => row.id,
  columns: [
    { title: 'Requested', cell: (row) => <Moment at={row.requestedAt} /> },
    {
      title: 'Task',
      head: true,
      cell: (row) => (
        <Link to={taskPath(row.id)}>
          <span class="text">{titleOf(row)}</span>
        </Link>
      ),
    },
    { title: 'State', cell: (row) => <Badge tone={stateTones[row.state]}>{inWords(row.state)}</Badge> },
    { title: 'Endpoints', cell: (row) => <TaskProgress task={row} /> },
    { title: 'Files scanned', kind: 'number', cell: (row) => row.files.toLocaleString() },
    { title: 'Result', cell: foundIn },
    { title: 'Requested by', cell: requesterOf },
  ],
  exported: {
    name: 'tasks',
    columns: [
      ['requested_utc', (row) => utcOf(row.requestedAt)],
      ['task', (row) => row.id],
      ['what', titleOf],
      ['requested_by', (row) => row.requestedBy],
      ['state', (row) => row.state],
      ['endpoints', (row) => row.agents],
      ['done', (row) => row.done],
      ['failed', (row) => row.failed],
      ['files', (row) => row.files],
      ['found', (row) => row.found],
      ['found_on', (row) => row.foundOn],
    ],
  },
  emptyHint: (
    <p>
      Start a scan or search for a file. Endpoints whose group scans disks also scan automatically when the object list
      changes.
    </p>
  ),
};
