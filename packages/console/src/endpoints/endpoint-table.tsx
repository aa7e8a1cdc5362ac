/** Draws only the visible rows of a list that may have 100,000; empty space stands for the others. */
import type { JSX } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { ListedEndpoint } from '@cordon/protocol/console';
import { may } from '../session/permissions.ts';
import { Moment } from '../widgets/moment.tsx';
import { IsolationBadge, OnlineMark } from '../widgets/isolation-badge.tsx';
import { EndpointLink } from '../widgets/links.tsx';
import type { ListWindow } from './list-window.ts';

/** The row height in `tables.css`. */
const rowHeight = 40;
/** Extra rows above and below the visible ones, so that fast scrolling shows no gap. */
const margin = 12;

/** The columns after the host name, by their class in `tables.css`, which drops some in a narrow window. */
const columns = [
  ['isolation', 'Isolation'],
  ['connection', 'Connection'],
  ['ip', 'IP addresses'],
  ['folder', 'Folder'],
  ['platform', 'Platform'],
  ['seen', 'Last seen'],
] as const;

interface EndpointTableProps {
  readonly list: ListWindow;
  readonly picked: ReadonlyMap<string, unknown>;
  readonly pick: (agent: string, row: ListedEndpoint) => void;
}

export function EndpointTable({ list, picked, pick }: EndpointTableProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [range, setRange] = useState({ first: 0, last: 30 });
  const total = list.total ?? 0;
  const { look } = list;
  const measure = useCallback((): void => {
    const { scrollTop, clientHeight } = box.current ?? { scrollTop: 0, clientHeight: 0 };
    const first = Math.max(0, Math.floor(scrollTop / rowHeight) - margin);
    const last = Math.ceil((scrollTop + clientHeight) / rowHeight) + margin;
    setRange((before) => (before.first === first && before.last === last ? before : { first, last }));
  }, []);
  useEffect(() => {
    measure();
    addEventListener('resize', measure);
    return () => removeEventListener('resize', measure);
  }, [measure]);
  const last = Math.min(range.last, total - 1);
  useEffect(() => {
    if (total > 0) look(range.first, Math.max(range.first, last));
  }, [look, range.first, last, total]);
  const rows: JSX.Element[] = [];
  for (let index = range.first; index <= last; index += 1) {
    rows.push(<Row key={index} index={index} row={list.at(index)} picked={picked} pick={pick} />);
  }
  return (
    <div class="table long" role="region" aria-label="List of endpoints" tabIndex={0} ref={box} onScroll={measure}>
      <table aria-rowcount={total + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {may('isolate') ? (
              <th scope="col" class="tick">
                <span class="unseen">Select</span>
              </th>
            ) : null}
            <th scope="col">Host name</th>
            {columns.map(([name, title]) => (
              <th key={name} scope="col" class={name}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap rows={range.first} />
          {rows}
          <Gap rows={Math.max(0, total - 1 - last)} />
        </tbody>
      </table>
    </div>
  );
}

/** One cell: a cell across hidden columns would make room for them. */
function Gap({ rows }: { rows: number }): JSX.Element | null {
  if (rows === 0) return null;
  return (
    <tr aria-hidden="true" class="gap">
      <td style={{ height: `${rows * rowHeight}px` }} />
    </tr>
  );
}

interface RowProps extends Pick<EndpointTableProps, 'picked' | 'pick'> {
  readonly index: number;
  readonly row: ListedEndpoint | undefined;
}

function Row({ index, row, picked, pick }: RowProps): JSX.Element {
  if (row === undefined) {
    return (
      <tr aria-rowindex={index + 2} class="coming">
        <td>…</td>
      </tr>
    );
  }
  return (
    <tr aria-rowindex={index + 2}>
      {may('isolate') ? (
        <td class="tick">
          <input
            type="checkbox"
            aria-label={`Select ${row.hostName}`}
            checked={picked.has(row.agent)}
            disabled={row.isolation === 'unsupported'}
            onChange={() => pick(row.agent, row)}
          />
        </td>
      ) : null}
      <th scope="row">
        <EndpointLink of={row} />
        {row.protected ? <span class="quiet"> · protected</span> : null}
      </th>
      <td>
        <IsolationBadge isolation={row.isolation} />
      </td>
      <td>
        <OnlineMark online={row.online} />
      </td>
      <td class="ip" title={row.ipAddresses.replaceAll(',', ', ')}>
        {row.ipAddresses.replaceAll(',', ', ')}
      </td>
      <td class="folder" title={row.folder}>
        {row.folder}
      </td>
      <td class="platform" title={row.platform}>
        {row.platform}
      </td>
      <td class="seen">
        <Moment at={row.lastSeenAt} ago />
      </td>
    </tr>
  );
}
