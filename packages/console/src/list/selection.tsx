/** The rows that a person has selected, and the bar that acts on them. */
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Column } from './table.tsx';

export interface Selection<Row> {
  /** The selected rows by their key, as they were when they were selected. */
  readonly rows: ReadonlyMap<string, Row>;
  readonly toggle: (key: string, row: Row) => void;
  readonly clear: () => void;
}

export function useSelection<Row>(): Selection<Row> {
  const [rows, setRows] = useState<ReadonlyMap<string, Row>>(new Map());
  const toggle = (key: string, row: Row): void => {
    const next = new Map(rows);
    if (!next.delete(key)) next.set(key, row);
    setRows(next);
  };
  return { rows, toggle, clear: () => setRows(new Map()) };
}

interface Selectable<Row> {
  readonly keyOf: (row: Row) => string;
  readonly labelOf: (row: Row) => string;
  /** Whether anything can be done with it. */
  readonly can: (row: Row) => boolean;
}

/** The column with the checkboxes. */
export function selectColumn<Row>(
  { rows, toggle }: Selection<Row>,
  { keyOf, labelOf, can }: Selectable<Row>,
): Column<Row> {
  return {
    title: 'Select',
    kind: 'tick',
    cell: (row) =>
      can(row) ? (
        <input
          type="checkbox"
          aria-label={`Select ${labelOf(row)}`}
          checked={rows.has(keyOf(row))}
          onChange={() => toggle(keyOf(row), row)}
        />
      ) : null,
  };
}

interface SelectionBarProps {
  readonly count: number;
  readonly clear: () => void;
  /** Said while nothing is selected. */
  readonly hint: string;
  /** The buttons that act on the selection. */
  readonly children: ComponentChildren;
}

export function SelectionBar({ count, clear, hint, children }: SelectionBarProps): JSX.Element {
  return (
    <div class="bar">
      {children}
      <span class="quiet" role="status">
        {count === 0 ? hint : `${count} selected`}
      </span>
      {count === 0 ? null : (
        <button type="button" class="plain" onClick={clear}>
          Clear
        </button>
      )}
    </div>
  );
}
