/** The detections page: where suspicious objects were detected, and the action taken. */
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { DetectionRecord } from '@cordon/protocol/console';
import { detectionPageShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read, withQuery } from '../calls/call.ts';
import { useLive } from '../calls/live.ts';
import { usePages } from '../calls/use-pages.ts';
import { Badge } from '../widgets/badge.tsx';
import type { Tone } from '../widgets/badge.tsx';
import { Empty } from '../widgets/empty.tsx';
import { ExportButton } from '../export/export-button.tsx';
import { Moment, utcOf } from '../widgets/moment.tsx';
import { More } from '../widgets/show-more.tsx';
import { Notice } from '../widgets/notice.tsx';
import { Table } from '../widgets/table.tsx';
import type { Column } from '../widgets/table.tsx';
import { may } from '../session/permissions.ts';
import { Link, place, setQuery } from '../router/router.tsx';
import { EndProcessesDialog, processesOf } from './end-processes-dialog.tsx';

const actions = ['logged', 'blocked', 'quarantined', 'restored', 'held-back', 'failed', 'late'] as const;
const types = ['file', 'file_sha1', 'ip', 'domain', 'url'] as const;

export function DetectionsPage(): JSX.Element {
  const { query } = place.value;
  const filter = {
    search: query.get('search') ?? '',
    action: query.get('action') ?? '',
    type: query.get('type') ?? '',
  };
  const key = JSON.stringify(filter);
  const pages = usePages<DetectionRecord, number>(key, async (before) => {
    const page = await read(
      detectionPageShape,
      'GET',
      withQuery(consolePaths.detections, { ...filter, before, limit: 100 }),
    );
    return { rows: page.detections, next: page.next };
  });
  useLive(['detections'], () => void pages.reload());
  const [ending, setEnding] = useState<DetectionRecord>();
  const isFiltered = filter.search + filter.action + filter.type !== '';
  return (
    <>
      <h1>Detections</h1>
      <p class="lead">Where suspicious objects were detected, by which process, and what the endpoint did.</p>
      <div class="bar" role="search">
        <SearchField value={filter.search} />
        <Select label="Object" name="type" value={filter.type} choices={types} any="Any object" />
        <Select label="Action" name="action" value={filter.action} choices={actions} any="Any action" />
        <ExportButton of={exported} rows={() => pages.all()} />
      </div>
      <Notice kind="problem" text={pages.problem} />
      {pages.rows?.length === 0 ? (
        <Nothing isFiltered={isFiltered} />
      ) : (
        <Table
          label="Detections"
          columns={[...columns, processOf(setEnding)]}
          rows={pages.rows ?? []}
          keyOf={(row) => row.id}
        />
      )}
      <More pages={pages} />
      {ending === undefined ? null : <EndProcessesDialog detection={ending} close={() => setEnding(undefined)} />}
    </>
  );
}

function SearchField({ value }: { value: string }): JSX.Element {
  const [typed, setTyped] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  return (
    <input
      type="search"
      aria-label="Search detections"
      placeholder="Endpoint, path, process or object"
      value={typed}
      onInput={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => setQuery({ search: text.trim() }), 200);
      }}
    />
  );
}

interface SelectProps {
  readonly label: string;
  readonly name: string;
  readonly value: string;
  readonly choices: readonly string[];
  readonly any: string;
}

function Select({ label, name, value, choices, any }: SelectProps): JSX.Element {
  return (
    <select aria-label={label} value={value} onChange={(event) => setQuery({ [name]: event.currentTarget.value })}>
      <option value="">{any}</option>
      {choices.map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </select>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }): JSX.Element {
  if (isFiltered) return <Empty title="No detections match.">Remove a search term or a filter.</Empty>;
  return (
    <Empty title="No detections yet.">
      <p>
        Add an object under <Link to="/objects">Suspicious objects</Link>. Endpoints whose group logs or enforces
        objects report detections here.
      </p>
    </Empty>
  );
}

const tones: Readonly<Record<string, Tone>> = {
  logged: 'neutral',
  blocked: 'good',
  quarantined: 'good',
  restored: 'neutral',
  'held-back': 'warning',
  failed: 'danger',
  late: 'warning',
};

const columns: readonly Column<DetectionRecord>[] = [
  { title: 'Time', cell: (row) => <Moment at={row.at} /> },
  {
    title: 'Endpoint',
    head: true,
    cell: (row) => <Link to={`/endpoints/${encodeURIComponent(row.agent)}`}>{row.hostName}</Link>,
  },
  {
    title: 'Action',
    cell: (row) => (
      <>
        <Badge tone={tones[row.action] ?? 'neutral'}>{row.action}</Badge>
        {row.count > 1 ? <span class="quiet"> × {row.count}</span> : null}
        {row.remark === null ? null : <span class="quiet"> {row.remark}</span>}
      </>
    ),
  },
  { title: 'Detected by', cell: (row) => row.detectedBy },
  {
    title: 'Object',
    cell: (row) => (
      <Link to={objectPlace(row.object)}>
        <code class="text">{row.object.content}</code>
      </Link>
    ),
  },
  { title: 'Location', cell: (row) => <span class="text">{whereOf(row)}</span> },
];

/** Offered only if processes were using the file: a detection ends no process by itself. */
function processOf(begin: (detection: DetectionRecord) => void): Column<DetectionRecord> {
  return {
    title: 'Process',
    cell: (row) => (
      <>
        <span class="text">{row.process?.executable ?? ''}</span>
        {may('ask') && processesOf(row).length > 0 ? (
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

/** The address of an object's page. */
export function objectPlace(object: { type: string; content: string }): string {
  return `/objects/${object.type}/${encodeURIComponent(object.content)}`;
}

function whereOf({ file, remote }: DetectionRecord): string {
  if (file !== null) return file.path.text;
  if (remote === null) return '';
  const port = remote.port === null ? '' : ` port ${remote.port}`;
  return `${remote.direction} ${remote.protocol} ${remote.name ?? remote.address}${port}`;
}

const exported = {
  name: 'detections',
  columns: [
    ['at_utc', (row: DetectionRecord) => utcOf(row.at)],
    ['host_name', (row: DetectionRecord) => row.hostName],
    ['entity_id', (row: DetectionRecord) => row.agent],
    ['action', (row: DetectionRecord) => row.action],
    ['detected_by', (row: DetectionRecord) => row.detectedBy],
    ['object_type', (row: DetectionRecord) => row.object.type],
    ['object', (row: DetectionRecord) => row.object.content],
    ['where', whereOf],
    ['remark', (row: DetectionRecord) => row.remark],
    ['count', (row: DetectionRecord) => row.count],
    ['process', (row: DetectionRecord) => row.process?.executable ?? ''],
    ['command_line', (row: DetectionRecord) => row.process?.commandLine ?? ''],
  ],
} as const;
