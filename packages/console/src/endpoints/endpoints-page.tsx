/** The endpoints page: search the whole list, and isolate from it. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { agentPageShape } from '@cordon/protocol/console';
import type { ListedEndpoint } from '@cordon/protocol/console';
import { ActDialog } from '../acts/act-dialog.tsx';
import type { Target } from '../acts/act-dialog.tsx';
import { useThrottled } from '../browser/throttle.ts';
import { read } from '../calls/call.ts';
import { isLive, useLive } from '../calls/live.ts';
import { ListFrame } from '../list/list-page.tsx';
import { SelectionBar, useSelection } from '../list/selection.tsx';
import { useDoing } from '../list/use-doing.ts';
import { queryOf } from '../list/use-list.ts';
import type { ListHead, Query } from '../list/use-list.ts';
import { Link } from '../router/router.tsx';
import { may } from '../session/permissions.ts';
import { isolationChoices } from '../widgets/isolation-badge.tsx';
import { utcOf } from '../widgets/moment.tsx';
import { countOf } from '../words/words.ts';
import { EndpointTable } from './endpoint-table.tsx';
import { partPath, useListWindow } from './list-window.ts';
import { MoveDialog } from './move-dialog.tsx';

type Bulk = 'isolate' | 'release' | 'move';

export function EndpointsPage(): JSX.Element {
  const query = queryOf(endpoints);
  const list = useListWindow(query);
  const selection = useSelection<Target>();
  const refresh = useThrottled(list.refresh);
  const changed = (): void => {
    selection.clear();
    refresh();
  };
  const { doing, begin, close } = useDoing<Bulk>(changed);
  useLive(['agents'], refresh);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!isLive.value) refresh();
    }, pollIntervalMs);
    return () => clearInterval(timer);
  }, []);
  const { total } = list;
  return (
    <ListFrame
      spec={endpoints}
      list={{
        count: total,
        problem: list.problem,
        isFiltered: Object.values(query).some((value) => value !== ''),
        all: () => allOf(query),
      }}
      note={
        <span class="quiet nowrap" role="status">
          {total === undefined ? 'Counting …' : countOf(total, 'endpoint')}
        </span>
      }
      selection={may('isolate') ? <Bulks count={selection.rows.size} clear={selection.clear} begin={begin} /> : null}
      table={<EndpointTable key={JSON.stringify(query)} list={list} picked={selection.rows} pick={selection.toggle} />}
    >
      <BulkDialog doing={doing} targets={[...selection.rows.values()]} close={close} done={changed} />
    </ListFrame>
  );
}

/** How often the list is loaded while nothing reports changes. */
const pollIntervalMs = 10_000;

interface BulksProps {
  readonly count: number;
  readonly clear: () => void;
  readonly begin: (bulk: Bulk) => void;
}

function Bulks({ count, clear, begin }: BulksProps): JSX.Element {
  return (
    <SelectionBar count={count} clear={clear} hint="Select endpoints to isolate or release them.">
      <button type="button" class="danger" disabled={count === 0} onClick={() => begin('isolate')}>
        Isolate …
      </button>
      <button type="button" disabled={count === 0} onClick={() => begin('release')}>
        Release …
      </button>
      {may('move') ? (
        <button type="button" disabled={count === 0} onClick={() => begin('move')}>
          Move to group …
        </button>
      ) : null}
    </SelectionBar>
  );
}

interface BulkDialogProps {
  readonly doing: Bulk | undefined;
  readonly targets: readonly Target[];
  readonly close: () => void;
  readonly done: () => void;
}

function BulkDialog({ doing, ...of }: BulkDialogProps): JSX.Element | null {
  if (doing === undefined) return null;
  return doing === 'move' ? <MoveDialog {...of} /> : <ActDialog act={doing} {...of} />;
}

const endpoints: ListHead<ListedEndpoint> = {
  title: 'Endpoints',
  nouns: 'endpoints',
  search: 'Name, IP, MAC or folder',
  filters: [
    { name: 'isolation', label: 'Isolation', any: 'Any isolation', choices: isolationChoices },
    {
      name: 'online',
      label: 'Connection',
      any: 'Any connection',
      choices: [
        ['true', 'Online'],
        ['false', 'Offline'],
      ],
    },
  ],
  exported: {
    name: 'endpoints',
    columns: [
      ['host_name', (row) => row.hostName],
      ['entity_id', (row) => row.agent],
      ['isolation', (row) => row.isolation],
      ['online', (row) => row.online],
      ['last_seen_utc', (row) => (row.lastSeenAt === null ? '' : utcOf(row.lastSeenAt))],
      ['ip_addresses', (row) => row.ipAddresses],
      ['mac_addresses', (row) => row.macAddresses],
      ['folder', (row) => row.folder],
      ['platform', (row) => row.platform],
      ['agent_version', (row) => row.agentVersion],
      ['managing_server_id', (row) => row.server],
      ['protected', (row) => row.protected],
    ],
  },
  emptyTitle: 'No endpoints enrolled yet.',
  emptyHint: (
    <p>
      Create a token under <Link to="/administration/enrolment">Enrolment</Link> and run the command it gives you on an
      endpoint.
    </p>
  ),
};

async function allOf(query: Query): Promise<ListedEndpoint[]> {
  const all: ListedEndpoint[] = [];
  for (;;) {
    const page = await read(agentPageShape, 'GET', partPath(query, all.length, exportPageSize));
    all.push(...page.agents);
    if (page.agents.length === 0 || all.length >= page.total) return all;
  }
}

/** The most that the server gives in one answer. */
const exportPageSize = 1000;
