/** The page of one task: the result on each endpoint, and the button to cancel it. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AgentProgress, FleetTask } from '@cordon/protocol/console';
import { taskDetailsShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { send } from '../calls/call.ts';
import { useLoaded } from '../calls/use-loaded.ts';
import { Badge } from '../widgets/badge.tsx';
import type { Tone } from '../widgets/badge.tsx';
import { Confirm } from '../forms/confirm.tsx';
import { Facts } from '../widgets/facts.tsx';
import { EndpointLink } from '../widgets/links.tsx';
import { Missing } from '../widgets/missing.tsx';
import { Moment } from '../widgets/moment.tsx';
import { Notice } from '../widgets/notice.tsx';
import { sizeOf } from '../widgets/size.ts';
import { Table } from '../list/table.tsx';
import type { Column } from '../list/table.tsx';
import { may } from '../session/permissions.ts';
import { Link } from '../router/router.tsx';
import { useTitle } from '../router/title.ts';
import { countOf, inWords } from '../words/words.ts';
import { Copies } from './found-copies.tsx';
import { TaskProgress } from './task-progress.tsx';
import { requesterOf, foundIn, isOwn, stateTones, titleOf } from './task-text.ts';

export function TaskPage({ id }: { id: string }): JSX.Element {
  const path = `${consolePaths.tasks}/${encodeURIComponent(id)}`;
  const { data, problem, reload } = useLoaded(taskDetailsShape, path, ['tasks']);
  const [cancelling, setCancelling] = useState(false);
  useTitle(data === undefined ? undefined : titleOf(data.task));
  if (data === undefined) return <Missing what="task" problem={problem} to="/tasks" />;
  const { task, agents } = data;
  return (
    <>
      <p class="way">
        <Link to="/tasks">Tasks</Link> ›
      </p>
      <h1 class="text">{titleOf(task)}</h1>
      <Notice kind="problem" text={problem} />
      {task.message === null ? null : <p>{task.message}</p>}
      {task.state === 'running' && !isOwn(task) && task.part !== true && may('request-tasks') ? (
        <div class="bar">
          <button type="button" onClick={() => setCancelling(true)}>
            Cancel …
          </button>
        </div>
      ) : null}
      {task.part === true ? (
        <p class="quiet">This task also includes endpoints outside your folders. You see only yours.</p>
      ) : null}
      <TaskFacts task={task} />
      <Copies agents={agents} />
      <h2 class="apart">Endpoints</h2>
      <Table label="Endpoints" columns={columns} rows={agents} keyOf={(row) => row.agent} />
      {agents.length < task.agents ? <p class="quiet">Showing the first {agents.length.toLocaleString()}.</p> : null}
      {cancelling ? (
        <Confirm
          title="Cancel task"
          act="Cancel task"
          perform={() => send('POST', `${path}/cancel`)}
          done={() => {
            setCancelling(false);
            void reload();
          }}
          cancel={() => setCancelling(false)}
        >
          <p>
            Endpoints that have not started will not run the task; those running it stop. Completed work is not undone.
          </p>
        </Confirm>
      ) : null}
    </>
  );
}

function TaskFacts({ task }: { task: FleetTask }): JSX.Element {
  return (
    <section class="panel" aria-label="Task">
      <Facts
        of={[
          ['State', <Badge tone={stateTones[task.state]}>{inWords(task.state)}</Badge>],
          ['Endpoints', <TaskProgress task={task} />],
          ['Result', foundIn(task)],
          ['Scanned', `${countOf(task.files, 'file')}, ${sizeOf(task.bytes)} read`],
          [
            'Requested by',
            <>
              {requesterOf(task)}, <Moment at={task.requestedAt} />
            </>,
          ],
          ['Start deadline', <Moment at={task.expiresAt} />],
        ]}
      />
    </section>
  );
}

const tones: Record<NonNullable<AgentProgress['progress']>['state'], Tone> = {
  running: 'warning',
  done: 'good',
  failed: 'danger',
  cancelled: 'neutral',
};

const columns: readonly Column<AgentProgress>[] = [
  {
    title: 'Endpoint',
    head: true,
    cell: (row) => <EndpointLink of={row} />,
  },
  {
    title: 'State',
    cell: ({ progress, online }) =>
      progress === null ? (
        <Badge tone="neutral">{online ? 'Pending' : 'Offline'}</Badge>
      ) : (
        <Badge tone={tones[progress.state]}>{inWords(progress.state)}</Badge>
      ),
  },
  {
    title: 'Files',
    kind: 'number',
    cell: ({ progress }) =>
      progress === null
        ? ''
        : `${progress.files.toLocaleString()}${progress.of === null ? '' : ` of ${progress.of.toLocaleString()}`}`,
  },
  { title: 'Unreadable', kind: 'number', cell: ({ progress }) => progress?.unreadable.toLocaleString() ?? '' },
  { title: 'Found', kind: 'number', cell: ({ progress }) => progress?.found.toLocaleString() ?? '' },
  { title: 'Message', cell: ({ progress }) => <span class="text">{progress?.message ?? ''}</span> },
  { title: 'Last update', cell: ({ progress }) => <Moment at={progress?.at ?? null} ago /> },
];
