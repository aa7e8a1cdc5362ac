/** The quarantine page: quarantined files of all endpoints, and their restoration. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { quarantineListShape, quarantineStates } from '@cordon/protocol/console';
import type { FleetTask, QuarantinedFile } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { LinkedFilter } from '../list/filters.tsx';
import { ListPage } from '../list/list-page.tsx';
import { SelectionBar, selectColumn, useSelection } from '../list/selection.tsx';
import { useDoing } from '../list/use-doing.ts';
import { useList, wholeOf } from '../list/use-list.ts';
import type { ListSpec } from '../list/use-list.ts';
import { Link, place } from '../router/router.tsx';
import { may } from '../session/permissions.ts';
import { Badge } from '../widgets/badge.tsx';
import type { Tone } from '../widgets/badge.tsx';
import { EndpointLink, ObjectLink, taskPath } from '../widgets/links.tsx';
import { Moment, utcOf } from '../widgets/moment.tsx';
import { Notice } from '../widgets/notice.tsx';
import { sizeOf } from '../widgets/size.ts';
import { choicesOf, inWords } from '../words/words.ts';
import { RestoreDialog } from './restore-dialog.tsx';

export function QuarantinePage(): JSX.Element {
  const list = useList(quarantine);
  const selection = useSelection<QuarantinedFile>();
  const [task, setTask] = useState<FleetTask>();
  const { doing, begin, close, done } = useDoing<'restore'>(list.reload);
  const chosen = list.rows.filter((file) => canRestore(file) && selection.rows.has(nameOf(file)));
  const canAsk = may('request-tasks');
  return (
    <ListPage
      spec={quarantine}
      list={list}
      above={<Requested task={task} />}
      note={<Linked files={list.rows} />}
      first={
        canAsk
          ? selectColumn(selection, {
              keyOf: nameOf,
              labelOf: (row) => `${row.path.text} on ${row.hostName}`,
              can: canRestore,
            })
          : undefined
      }
      selection={
        canAsk ? (
          <SelectionBar
            count={chosen.length}
            clear={selection.clear}
            hint="Select files to restore them to their original paths."
          >
            <button type="button" disabled={chosen.length === 0} onClick={() => begin('restore')}>
              Restore …
            </button>
          </SelectionBar>
        ) : undefined
      }
    >
      {doing === undefined ? null : (
        <RestoreDialog
          files={chosen}
          close={close}
          done={(made) => {
            selection.clear();
            setTask(made);
            done();
          }}
        />
      )}
    </ListPage>
  );
}

function Requested({ task }: { task: FleetTask | undefined }): JSX.Element | null {
  if (task === undefined) return null;
  return (
    <Notice kind="good">
      Restore requested: <Link to={taskPath(task.id)}>view progress</Link>. Offline endpoints run it when they
      reconnect.
    </Notice>
  );
}

/** The filters that the pages of an object and of an endpoint set. */
function Linked({ files }: { files: readonly QuarantinedFile[] }): JSX.Element {
  const { query } = place.value;
  const [content, agent] = [query.get('content'), query.get('agent')];
  return (
    <>
      {content === null ? null : <LinkedFilter title={content} names={['type', 'content']} />}
      {agent === null ? null : <LinkedFilter title={files[0]?.hostName ?? agent} names={['agent']} />}
    </>
  );
}

function canRestore({ state }: QuarantinedFile): boolean {
  return state === 'quarantined';
}

/** Agents choose these IDs themselves, so an ID is unique only with its endpoint. */
function nameOf({ agent, quarantine: id }: QuarantinedFile): string {
  return `${agent} ${id}`;
}

const tones: Record<QuarantinedFile['state'], Tone> = {
  quarantined: 'good',
  restoring: 'warning',
  restored: 'neutral',
};

const quarantine: ListSpec<QuarantinedFile> = {
  title: 'Quarantine',
  lead: 'Quarantined files. Each stays encrypted on its endpoint.',
  nouns: 'files',
  load: wholeOf(quarantineListShape, consolePaths.quarantine, (answer) => answer.files),
  live: ['detections', 'tasks'],
  filters: [{ name: 'state', label: 'State', any: 'Any state', choices: choicesOf(quarantineStates) }],
  linked: ['type', 'content', 'agent'],
  keyOf: nameOf,
  columns: [
    { title: 'Time', cell: (row) => <Moment at={row.at} /> },
    { title: 'Endpoint', cell: (row) => <EndpointLink of={row} /> },
    { title: 'Path', head: true, cell: (row) => <code class="text">{row.path.text}</code> },
    {
      title: 'State',
      cell: (row) => (
        <>
          <Badge tone={tones[row.state]}>{inWords(row.state)}</Badge>
          {row.message === null ? null : <span class="quiet text"> {row.message}</span>}
        </>
      ),
    },
    { title: 'Object', cell: (row) => <ObjectLink of={row.object} /> },
    { title: 'Size', kind: 'number', cell: (row) => sizeOf(row.size) },
  ],
  exported: {
    name: 'quarantine',
    columns: [
      ['at_utc', (row) => utcOf(row.at)],
      ['host_name', (row) => row.hostName],
      ['entity_id', (row) => row.agent],
      ['path', (row) => row.path.text],
      ['object_type', (row) => row.object.type],
      ['object', (row) => row.object.content],
      ['sha1', (row) => row.sha1],
      ['size', (row) => row.size],
      ['state', (row) => row.state],
      ['remark', (row) => row.message],
      ['quarantine', (row) => row.quarantine],
    ],
  },
  emptyTitle: 'No quarantined files.',
  emptyHint: (
    <p>Files appear here when an object has the action "quarantine" and the endpoint's group enforces disk scans.</p>
  ),
};
