/** One task: what each endpoint found, did or could not do, and the way to stop it. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AgentProgress, FleetTask, TaskDetails } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { useCalm } from '../calls/calm.ts';
import { call } from '../calls/call.ts';
import { useLive } from '../calls/live.ts';
import { useLoaded } from '../calls/loaded.ts';
import { Badge } from '../parts/badge.tsx';
import type { Tone } from '../parts/badge.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Empty } from '../parts/empty.tsx';
import { Moment } from '../parts/moment.tsx';
import { Notice } from '../parts/notice.tsx';
import { sizeOf } from '../parts/size.ts';
import { Table } from '../parts/table.tsx';
import type { Column } from '../parts/table.tsx';
import { may } from '../session/may.ts';
import { Link } from '../site/router.tsx';
import { useTitle } from '../site/title.ts';
import { Copies } from './copies.tsx';
import { TaskProgress } from './progress.tsx';
import { askerOf, foundIn, isOwn, stateTones, titleOf } from './words.ts';

export function TaskPage({ id }: { id: string }): JSX.Element {
  const path = `${consolePaths.tasks}/${encodeURIComponent(id)}`;
  const { data, problem, reload } = useLoaded<TaskDetails>(path);
  const [cancelling, setCancelling] = useState(false);
  useTitle(data === undefined ? undefined : titleOf(data.task));
  useLive(
    ['tasks'],
    useCalm(() => void reload()),
  );
  if (data === undefined) return <Missing problem={problem} />;
  const { task, agents } = data;
  return (
    <>
      <p class="way">
        <Link to="/tasks">Tasks</Link> ›
      </p>
      <h1 class="text">{titleOf(task)}</h1>
      <Notice kind="problem" text={problem} />
      {task.message === null ? null : <p>{task.message}</p>}
      {task.state === 'running' && !isOwn(task) && task.part !== true && may('ask') ? (
        <div class="bar">
          <button type="button" onClick={() => setCancelling(true)}>
            Cancel …
          </button>
        </div>
      ) : null}
      {task.part === true ? (
        <p class="quiet">Of endpoints outside of your folders, too; you see the part of yours.</p>
      ) : null}
      <Facts task={task} />
      <Copies agents={agents} />
      <h2 class="apart">Endpoints</h2>
      <Table label="Endpoints" columns={columns} rows={agents} keyOf={(row) => row.agent} />
      {agents.length < task.agents ? <p class="quiet">The first {agents.length.toLocaleString()} are shown.</p> : null}
      {cancelling ? (
        <Confirm
          title="Cancel the task"
          act="Cancel the task"
          perform={() => call('POST', `${path}/cancel`)}
          done={() => {
            setCancelling(false);
            void reload();
          }}
          cancel={() => setCancelling(false)}
        >
          <p>Endpoints that wait begin no more, and those that have begun stop. What was done stays done.</p>
        </Confirm>
      ) : null}
    </>
  );
}

function Missing({ problem }: { problem: string | undefined }): JSX.Element {
  if (problem === undefined) return <p class="quiet">Loading …</p>;
  return (
    <Empty title="This task cannot be shown.">
      <p>{problem}</p>
      <p>
        <Link to="/tasks">See all tasks</Link>
      </p>
    </Empty>
  );
}

function Facts({ task }: { task: FleetTask }): JSX.Element {
  return (
    <section class="panel" aria-label="Task">
      <dl class="facts">
        <dt>State</dt>
        <dd>
          <Badge tone={stateTones[task.state]}>{task.state}</Badge>
        </dd>
        <dt>Endpoints</dt>
        <dd>
          <TaskProgress task={task} />
        </dd>
        <dt>Result</dt>
        <dd>{foundIn(task)}</dd>
        <dt>Looked at</dt>
        <dd>
          {task.files.toLocaleString()} files, {sizeOf(task.bytes)} read
        </dd>
        <dt>Asked by</dt>
        <dd>
          {askerOf(task)}, <Moment at={task.requestedAt} />
        </dd>
        <dt>Begun until</dt>
        <dd>
          <Moment at={task.expiresAt} />
        </dd>
      </dl>
    </section>
  );
}

const tones: Record<NonNullable<AgentProgress['progress']>['state'], Tone> = {
  running: 'warning',
  done: 'good',
  failed: 'danger',
  cancelled: 'calm',
};

const columns: readonly Column<AgentProgress>[] = [
  {
    title: 'Endpoint',
    head: true,
    cell: (row) => <Link to={`/endpoints/${encodeURIComponent(row.agent)}`}>{row.hostName}</Link>,
  },
  {
    title: 'State',
    cell: ({ progress, online }) =>
      progress === null ? (
        <Badge tone="calm">{online ? 'waits' : 'is off'}</Badge>
      ) : (
        <Badge tone={tones[progress.state]}>{progress.state}</Badge>
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
  { title: 'Not readable', kind: 'number', cell: ({ progress }) => progress?.unreadable.toLocaleString() ?? '' },
  { title: 'Found', kind: 'number', cell: ({ progress }) => progress?.found.toLocaleString() ?? '' },
  { title: 'In its words', cell: ({ progress }) => <span class="text">{progress?.message ?? ''}</span> },
  { title: 'Last told', cell: ({ progress }) => <Moment at={progress?.at ?? null} ago /> },
];
