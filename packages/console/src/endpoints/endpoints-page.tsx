/** The endpoints page: search the whole list, and isolate from it. */
import type { JSX } from 'preact';
import { agentPageShape } from '@cordon/protocol/console';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ListedEndpoint } from '@cordon/protocol/console';
import { ActDialog } from '../acts/act-dialog.tsx';
import type { Target } from '../acts/act-dialog.tsx';
import { useThrottled } from '../browser/throttle.ts';
import { read } from '../calls/call.ts';
import { isLive, useLive } from '../calls/live.ts';
import { Empty } from '../widgets/empty.tsx';
import type { Export } from '../export/export.ts';
import { ExportButton } from '../export/export-button.tsx';
import { utcOf } from '../widgets/moment.tsx';
import { Notice } from '../widgets/notice.tsx';
import { may } from '../session/permissions.ts';
import { Link, place, setQuery } from '../router/router.tsx';
import { MoveDialog } from './move-dialog.tsx';
import { filterIn, partPath } from './endpoint-filter.ts';
import type { Filter } from './endpoint-filter.ts';
import { isolationChoices } from '../widgets/isolation-badge.tsx';
import { EndpointTable } from './endpoint-table.tsx';
import { useListWindow } from './list-window.ts';

type Bulk = 'isolate' | 'release' | 'move';
type Picked = ReadonlyMap<string, Target>;

export function EndpointsPage(): JSX.Element {
  const filter = filterIn(place.value.query);
  const list = useListWindow(filter);
  const [picked, setPicked] = useState<Picked>(new Map());
  const [act, setAct] = useState<Bulk>();
  const refresh = useThrottled(list.refresh);
  useLive(['agents'], refresh);
  useEvery(10_000, () => {
    if (!isLive.value) list.refresh();
  });
  const pick = (row: ListedEndpoint): void => {
    const next = new Map(picked);
    if (!next.delete(row.agent)) next.set(row.agent, { agent: row.agent, hostName: row.hostName });
    setPicked(next);
  };
  const isFiltered = filter.search + filter.isolation + filter.online !== '';
  return (
    <>
      <h1>Endpoints</h1>
      <Filters filter={filter} total={list.total} />
      <Notice kind="problem" text={list.problem} />
      <Picking picked={picked} begin={setAct} clear={() => setPicked(new Map())} />
      {list.total === 0 ? (
        <NoEndpoints isFiltered={isFiltered} />
      ) : (
        <EndpointTable key={JSON.stringify(filter)} list={list} picked={picked} pick={pick} />
      )}
      <BulkDialog
        act={act}
        targets={[...picked.values()]}
        close={() => setAct(undefined)}
        done={() => {
          setPicked(new Map());
          refresh();
        }}
      />
    </>
  );
}

interface BulkDialogProps {
  readonly act: Bulk | undefined;
  readonly targets: readonly Target[];
  readonly close: () => void;
  readonly done: () => void;
}

function BulkDialog({ act, ...of }: BulkDialogProps): JSX.Element | null {
  if (act === undefined) return null;
  return act === 'move' ? <MoveDialog {...of} /> : <ActDialog act={act} {...of} />;
}

function Filters({ filter, total }: { filter: Filter; total: number | undefined }): JSX.Element {
  const [typed, setTyped] = useState(filter.search);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // The search changed by a link or the back button; typing is not interrupted.
    if (document.activeElement !== field.current) setTyped(filter.search);
  }, [filter.search]);
  const search = (text: string): void => {
    setTyped(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setQuery({ search: text.trim() }), 120);
  };
  return (
    <div class="bar" role="search">
      <input
        type="search"
        ref={field}
        aria-label="Search endpoints"
        placeholder="Name, IP, MAC or folder"
        value={typed}
        onInput={(event) => search(event.currentTarget.value)}
      />
      <select
        aria-label="Isolation"
        value={filter.isolation}
        onChange={(event) => setQuery({ isolation: event.currentTarget.value })}
      >
        <option value="">Any isolation</option>
        {isolationChoices.map(({ value, title }) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </select>
      <select
        aria-label="Connection"
        value={filter.online}
        onChange={(event) => setQuery({ online: event.currentTarget.value })}
      >
        <option value="">Any connection</option>
        <option value="true">Online</option>
        <option value="false">Offline</option>
      </select>
      <span class="quiet nowrap" role="status">
        {total === undefined ? 'Counting …' : `${total.toLocaleString()} ${total === 1 ? 'endpoint' : 'endpoints'}`}
      </span>
      <ExportButton of={exported} rows={() => allOf(filter)} />
    </div>
  );
}

interface PickingProps {
  readonly picked: Picked;
  readonly begin: (act: Bulk) => void;
  readonly clear: () => void;
}

function Picking({ picked, begin, clear }: PickingProps): JSX.Element | null {
  if (!may('isolate')) return null;
  const none = picked.size === 0;
  return (
    <div class="bar">
      <button type="button" class="danger" disabled={none} onClick={() => begin('isolate')}>
        Isolate …
      </button>
      <button type="button" disabled={none} onClick={() => begin('release')}>
        Release …
      </button>
      {may('move') ? (
        <button type="button" disabled={none} onClick={() => begin('move')}>
          {' '}
          Move to group …{' '}
        </button>
      ) : null}
      <span class="quiet" role="status">
        {none ? 'Select endpoints to isolate or release them.' : `${picked.size} selected`}
      </span>
      {none ? null : (
        <button type="button" class="plain" onClick={clear}>
          Clear
        </button>
      )}
    </div>
  );
}

function NoEndpoints({ isFiltered }: { isFiltered: boolean }): JSX.Element {
  if (isFiltered) {
    return (
      <Empty title="No endpoints match.">
        <p>
          Remove a search term or a filter, or <Link to="/endpoints">show all endpoints</Link>.
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="No endpoints enrolled yet.">
      <p>
        Create a token under <Link to="/administration/enrolment">Enrolment</Link> and run the command it gives you on
        an endpoint.
      </p>
    </Empty>
  );
}

const exported: Export<ListedEndpoint> = {
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
};

async function allOf(filter: Filter): Promise<ListedEndpoint[]> {
  const all: ListedEndpoint[] = [];
  for (;;) {
    const page = await read(agentPageShape, 'GET', partPath(filter, all.length, 1000));
    all.push(...page.agents);
    if (page.agents.length === 0 || all.length >= page.total) return all;
  }
}

function useEvery(milliseconds: number, work: () => void): void {
  const newest = useRef(work);
  newest.current = work;
  useEffect(() => {
    const timer = setInterval(() => newest.current(), milliseconds);
    return () => clearInterval(timer);
  }, [milliseconds]);
}
