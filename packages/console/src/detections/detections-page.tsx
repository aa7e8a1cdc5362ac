/** The detections page: where suspicious objects were detected, and the action taken. */
import type { JSX } from 'preact';
import { detectionActions, detectionPageShape } from '@cordon/protocol/console';
import type { DetectionRecord } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { ListPage } from '../list/list-page.tsx';
import type { Column } from '../list/table.tsx';
import { useDoing } from '../list/use-doing.ts';
import { pagesOf, useList } from '../list/use-list.ts';
import type { ListSpec } from '../list/use-list.ts';
import { Link } from '../router/router.tsx';
import { may } from '../session/permissions.ts';
import { Badge } from '../widgets/badge.tsx';
import type { Tone } from '../widgets/badge.tsx';
import { EndpointLink, ObjectLink } from '../widgets/links.tsx';
import { Moment, utcOf } from '../widgets/moment.tsx';
import { choicesOf, inWords } from '../words/words.ts';
import { EndProcessesDialog, processesOf } from './end-processes-dialog.tsx';

export function DetectionsPage(): JSX.Element {
  const list = useList(detections);
  const { doing, begin, close } = useDoing<DetectionRecord>(list.reload);
  return (
    <ListPage spec={detections} list={list} last={processColumn(begin)}>
      {doing === undefined ? null : <EndProcessesDialog detection={doing} close={close} />}
    </ListPage>
  );
}

/** The button is there only if processes were using the file: a detection ends no process by itself. */
function processColumn(begin: (detection: DetectionRecord) => void): Column<DetectionRecord> {
  return {
    title: 'Process',
    cell: (row) => (
      <>
        <span class="text">{row.process?.executable ?? ''}</span>
        {may('request-tasks') && processesOf(row).length > 0 ? (
          <button
            type="button"
            class="small"
            aria-label={`End processes on ${row.hostName} …`}
            onClick={() => begin(row)}
          >
            End processes …
          </button>
        ) : null}
      </>
    ),
  };
}

function whereOf({ file, remote }: DetectionRecord): string {
  if (file !== null) return file.path.text;
  if (remote === null) return '';
  const port = remote.port === null ? '' : ` port ${remote.port}`;
  return `${remote.direction} ${remote.protocol} ${remote.name ?? remote.address}${port}`;
}

const tones: Record<DetectionRecord['action'], Tone> = {
  logged: 'neutral',
  blocked: 'good',
  quarantined: 'good',
  restored: 'neutral',
  'held-back': 'warning',
  failed: 'danger',
  late: 'warning',
};

const detections: ListSpec<DetectionRecord> = {
  title: 'Detections',
  lead: 'Where suspicious objects were detected, by which process, and what the endpoint did.',
  nouns: 'detections',
  load: pagesOf(detectionPageShape, consolePaths.detections, (page) => page.detections),
  live: ['detections'],
  search: 'Endpoint, path, process or object',
  filters: [
    {
      name: 'type',
      label: 'Object',
      any: 'Any object',
      choices: choicesOf(['file', 'file_sha1', 'ip', 'domain', 'url']),
    },
    { name: 'action', label: 'Action', any: 'Any action', choices: choicesOf(detectionActions) },
  ],
  keyOf: (row) => row.id,
  columns: [
    { title: 'Time', cell: (row) => <Moment at={row.at} /> },
    { title: 'Endpoint', head: true, cell: (row) => <EndpointLink of={row} /> },
    {
      title: 'Action',
      cell: (row) => (
        <>
          <Badge tone={tones[row.action]}>{inWords(row.action)}</Badge>
          {row.count > 1 ? <span class="quiet"> × {row.count}</span> : null}
          {row.remark === null ? null : <span class="quiet"> {row.remark}</span>}
        </>
      ),
    },
    { title: 'Detected by', cell: (row) => inWords(row.detectedBy) },
    { title: 'Object', cell: (row) => <ObjectLink of={row.object} /> },
    { title: 'Location', cell: (row) => <span class="text">{whereOf(row)}</span> },
  ],
  exported: {
    name: 'detections',
    columns: [
      ['at_utc', (row) => utcOf(row.at)],
      ['host_name', (row) => row.hostName],
      ['entity_id', (row) => row.agent],
      ['action', (row) => row.action],
      ['detected_by', (row) => row.detectedBy],
      ['object_type', (row) => row.object.type],
      ['object', (row) => row.object.content],
      ['where', whereOf],
      ['remark', (row) => row.remark],
      ['count', (row) => row.count],
      ['process', (row) => row.process?.executable ?? ''],
      ['command_line', (row) => row.process?.commandLine ?? ''],
    ],
  },
  emptyHint: (
    <p>
      Add an object under <Link to="/objects">Suspicious objects</Link>. Endpoints whose group logs or enforces objects
      report detections here.
    </p>
  ),
};
