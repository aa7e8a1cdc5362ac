/** A table with labelled rows. */
import type { ComponentChildren, JSX } from 'preact';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** The column that names the row; one column has it. */
  readonly head?: true;
  readonly kind?: 'number' | 'acts' | 'tick';
}

interface TableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string | number;
}

/** In a narrow window each row becomes a card, and nothing scrolls sideways. */
export function Table<Row>({ label, columns, rows, keyOf }: TableProps<Row>): JSX.Element {
  return (
    <div class="table cards-narrow" role="region" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map(({ title, kind }) => (
              <th key={title} scope="col" class={kind}>
                {kind === 'acts' || kind === 'tick' ? <span class="unseen">{title}</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ title, cell, head, kind }) =>
                head === true ? (
                  <th key={title} scope="row">
                    {cell(row)}
                  </th>
                ) : (
                  <td key={title} class={kind} data-title={title}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Something to do with a row: the button's text, its name for a screen reader, and the work. */
export type RowAct = readonly [text: string, label: string, act: () => void];

/** The column with a row's buttons. */
export function actsColumn<Row>(actsOf: (row: Row) => readonly RowAct[]): Column<Row> {
  return {
    title: 'Actions',
    kind: 'acts',
    cell: (row) =>
      actsOf(row).map(([text, label, act]) => (
        <button key={text} type="button" aria-label={label} onClick={act}>
          {text}
        </button>
      )),
  };
}
