/** The quarantine page: quarantined files of all endpoints, and their restoration. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { FleetTask, QuarantinedFile } from '@cordon/protocol/console';
import { quarantineListShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { withQuery } from '../calls/call.ts';
import { useLoaded } from '../calls/use-loaded.ts';
import { Empty } from '../widgets/empty.tsx';
import { ExportButton } from '../export/export-button.tsx';
import { utcOf } from '../widgets/moment.tsx';
import { Notice } from '../widgets/notice.tsx';
import { may } from '../session/permissions.ts';
import { Link, place, setQuery } from '../router/router.tsx';
import { PutBackDialog } from './restore-dialog.tsx';
import { QuarantineTable, nameOf } from './quarantine-table.tsx';

const states = [
  ['quarantined', 'Quarantined'],
  ['restoring', 'Restoring'],
  ['restored', 'Restored'],
] as const;

export function QuarantinePage(): JSX.Element {
  const { query } = place.value;
  const filter = {
    state: query.get('state') ?? '',
    type: query.get('type') ?? '',
    content: query.get('content') ?? '',
    agent: query.get('agent') ?? '',
  };
  const { data, problem, reload } = useLoaded(quarantineListShape, withQuery(consolePaths.quarantine, filter), [
    'detections',
    'tasks',
  ]);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState(false);
  const [task, setTask] = useState<FleetTask>();
  const files = data?.files ?? [];
  const chosen = files.filter((file) => file.state === 'quarantined' && picked.has(nameOf(file)));
  const isFiltered = Object.values(filter).some((value) => value !== '');
  return (
    <>
      <h1>Quarantine</h1>
      <p class="lead">Quarantined files. Each stays encrypted on its endpoint.</p>
      <div class="bar" role="search">
        <StateChoice value={filter.state} />
        {filter.content === '' ? null : <Only title={filter.content} names={{ type: '', content: '' }} />}
        {filter.agent === '' ? null : <Only title={files[0]?.hostName ?? filter.agent} names={{ agent: '' }} />}
        <span class="grow" />
        <ExportButton of={exported} rows={() => files} />
      </div>
      {may('ask') ? <PutBack count={chosen.length} begin={() => setAsking(true)} /> : null}
      <Notice kind="problem" text={problem} />
      <Asked task={task} />
      {data !== undefined && files.length === 0 ? (
        <Empty title={isFiltered ? 'No files match.' : 'No quarantined files.'}>
          <p>
            Files appear here when an object has the action "quarantine" and the endpoint's group enforces disk scans.
          </p>
        </Empty>
      ) : (
        <QuarantineTable files={files} picked={picked} pick={(name) => setPicked(toggled(picked, name))} />
      )}
      {asking ? (
        <PutBackDialog
          files={chosen}
          close={() => setAsking(false)}
          done={(made) => {
            setAsking(false);
            setPicked(new Set());
            setTask(made);
            void reload();
          }}
        />
      ) : null}
    </>
  );
}

function Asked({ task }: { task: FleetTask | undefined }): JSX.Element | null {
  if (task === undefined) return null;
  return (
    <Notice kind="good">
      Restore requested: <Link to={`/tasks/${encodeURIComponent(task.id)}`}>view progress</Link>. Offline endpoints run
      it when they reconnect.
    </Notice>
  );
}

function StateChoice({ value }: { value: string }): JSX.Element {
  return (
    <select aria-label="State" value={value} onChange={(event) => setQuery({ state: event.currentTarget.value })}>
      <option value="">Any state</option>
      {states.map(([state, title]) => (
        <option key={state} value={state}>
          {title}
        </option>
      ))}
    </select>
  );
}

/** A filter set by another page; a click removes it. */
function Only({ title, names }: { title: string; names: Readonly<Record<string, string>> }): JSX.Element {
  return (
    <button type="button" class="text" aria-label={`Remove filter ${title}`} onClick={() => setQuery(names)}>
      {title} ✕
    </button>
  );
}

function PutBack({ count, begin }: { count: number; begin: () => void }): JSX.Element {
  return (
    <div class="bar">
      <button type="button" disabled={count === 0} onClick={begin}>
        {' '}
        Restore …{' '}
      </button>
      <span class="quiet" role="status">
        {count === 0 ? 'Select files to restore them to their original paths.' : `${count} selected`}
      </span>
    </div>
  );
}

function toggled(set: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(name)) next.add(name);
  return next;
}

const exported = {
  name: 'quarantine',
  columns: [
    ['at_utc', (row: QuarantinedFile) => utcOf(row.at)],
    ['host_name', (row: QuarantinedFile) => row.hostName],
    ['entity_id', (row: QuarantinedFile) => row.agent],
    ['path', (row: QuarantinedFile) => row.path.text],
    ['object_type', (row: QuarantinedFile) => row.object.type],
    ['object', (row: QuarantinedFile) => row.object.content],
    ['sha1', (row: QuarantinedFile) => row.sha1],
    ['size', (row: QuarantinedFile) => row.size],
    ['state', (row: QuarantinedFile) => row.state],
    ['remark', (row: QuarantinedFile) => row.message],
    ['quarantine', (row: QuarantinedFile) => row.quarantine],
  ],
} as const;
