/** The page of a list: title, filters, export, the table or why it is empty, and the way to more rows. */
import type { ComponentChildren, JSX } from 'preact';
import { Empty } from '../widgets/empty.tsx';
import { Notice } from '../widgets/notice.tsx';
import { ExportButton } from './export-button.tsx';
import { Filters, ShowAll } from './filters.tsx';
import { Table } from './table.tsx';
import type { Column } from './table.tsx';
import type { List, ListHead, ListSpec, ListState } from './use-list.ts';

interface FrameProps<Row> {
  readonly spec: ListHead<Row>;
  readonly list: ListState<Row>;
  /** Between the title and the filters. */
  readonly above?: ComponentChildren;
  /** The page's own buttons, before the filters. */
  readonly buttons?: ComponentChildren;
  /** After the filters. */
  readonly note?: ComponentChildren;
  /** Between the filters and the table. */
  readonly selection?: ComponentChildren;
  /** Dialogs, and what follows the table. */
  readonly children?: ComponentChildren;
}

interface ListPageProps<Row> extends FrameProps<Row> {
  readonly spec: ListSpec<Row>;
  readonly list: List<Row>;
  /** Columns that act on a row, after or before those of the list. */
  readonly first?: Column<Row> | undefined;
  readonly last?: Column<Row> | undefined;
}

export function ListPage<Row>({ first, last, ...frame }: ListPageProps<Row>): JSX.Element {
  const { spec, list, children } = frame;
  const columns = [first, ...spec.columns, last].filter((column) => column !== undefined);
  const table = <Table label={spec.title} columns={columns} rows={list.rows} keyOf={spec.keyOf} />;
  return (
    <ListFrame {...frame} table={table}>
      {list.more === undefined || list.count === undefined ? null : (
        <div class="bar">
          <button type="button" onClick={list.more}>
            Show more
          </button>
        </div>
      )}
      {children}
    </ListFrame>
  );
}

/** The same around a table of another kind. */
export function ListFrame<Row>(props: FrameProps<Row> & { readonly table: JSX.Element }): JSX.Element {
  const { spec, list, above, buttons, note, selection, table, children } = props;
  const { title, lead, exported, search, filters = [] } = spec;
  const isPlain = search === undefined && filters.length === 0;
  return (
    <>
      <h1>{title}</h1>
      {lead === undefined ? null : <p class="lead">{lead}</p>}
      {above}
      {isPlain && exported === undefined && buttons === undefined ? null : (
        <div class="bar" role={isPlain ? undefined : 'search'}>
          {buttons}
          <Filters spec={spec} />
          {note}
          <span class="grow" />
          {exported === undefined ? null : <ExportButton of={exported} rows={list.all} />}
        </div>
      )}
      {selection}
      <Notice kind="problem" text={list.problem} />
      <Body spec={spec} list={list} table={table} />
      {children}
    </>
  );
}

function Body<Row>({
  spec,
  list,
  table,
}: Pick<FrameProps<Row>, 'spec' | 'list'> & { table: JSX.Element }): JSX.Element {
  const { nouns, emptyTitle = `No ${nouns} yet.`, emptyHint } = spec;
  if (list.count === undefined) return list.problem === undefined ? <p class="quiet">Loading …</p> : <></>;
  if (list.count > 0) return table;
  if (!list.isFiltered) return <Empty title={emptyTitle}>{emptyHint}</Empty>;
  return (
    <Empty title={`No ${nouns} match.`}>
      <p>
        Change the search or a filter, or <ShowAll nouns={nouns} />.
      </p>
    </Empty>
  );
}
