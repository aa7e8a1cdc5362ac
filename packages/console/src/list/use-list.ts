/** Loads a list page by page, as its address filters it, and again when something of it changes. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import type { LiveKind } from '@cordon/protocol/console';
import type { Shape } from '@cordon/protocol/shape';
import { useThrottled } from '../browser/throttle.ts';
import { read, withQuery } from '../calls/call.ts';
import { useLive } from '../calls/live.ts';
import { messageOf } from '../calls/use-loaded.ts';
import { place } from '../router/router.tsx';
import type { Export } from './export.ts';
import type { Column } from './table.tsx';

type Cursor = string | number;
export type Query = Readonly<Record<string, string>>;

interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next: Cursor | null;
}

export type Load<Row> = (query: Query, cursor?: Cursor) => Promise<Page<Row>>;

/** A filter in the address, chosen from a few values. */
export interface Choices {
  readonly name: string;
  readonly label: string;
  /** The choice that filters nothing. */
  readonly any: string;
  readonly choices: readonly (readonly [value: string, title: string])[];
}

/** What is around the table of a list, and what is said when it is empty. */
export interface ListHead<Row> {
  readonly title: string;
  readonly lead?: string;
  /** What it lists: "objects". */
  readonly nouns: string;
  /** What the search looks at; undefined without a search. */
  readonly search?: string;
  readonly filters?: readonly Choices[];
  /** Filters that only links set. */
  readonly linked?: readonly string[];
  readonly exported?: Export<Row>;
  readonly emptyTitle?: string;
  /** What to do while there is nothing at all. */
  readonly emptyHint?: ComponentChildren;
}

/** A list as a value: where it comes from, and what it shows. */
export interface ListSpec<Row> extends ListHead<Row> {
  readonly load: Load<Row>;
  readonly live?: readonly LiveKind[];
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => Cursor;
}

/** What a page of a list knows of it. */
export interface ListState<Row> {
  /** Undefined before the first answer. */
  readonly count: number | undefined;
  readonly problem: string | undefined;
  readonly isFiltered: boolean;
  /** Every row, including pages not loaded yet. */
  readonly all: () => Promise<readonly Row[]>;
}

export interface List<Row> extends ListState<Row> {
  readonly rows: readonly Row[];
  /** Loads the next page; undefined when there is none. */
  readonly more: (() => void) | undefined;
  /** Reloads the first page, and drops the others. */
  readonly reload: () => void;
}

/** As many rows as a browser window can hold and a spreadsheet can open. */
const maxRows = 100_000;
const pageSize = 100;

/** Loads a list that comes in one answer. */
export function wholeOf<Answer, Row>(
  shape: Shape<Answer>,
  path: string,
  rowsOf: (answer: Answer) => readonly Row[],
): Load<Row> {
  return async (query) => ({ rows: rowsOf(await read(shape, 'GET', withQuery(path, query))), next: null });
}

/** Loads a list that comes in pages; each answer has the cursor of the next one. */
export function pagesOf<Answer extends { readonly next: Cursor | null }, Row>(
  shape: Shape<Answer>,
  path: string,
  rowsOf: (answer: Answer) => readonly Row[],
  cursorName: 'before' | 'after' = 'before',
): Load<Row> {
  return async (query, cursor) => {
    const answer = await read(shape, 'GET', withQuery(path, { ...query, [cursorName]: cursor, limit: pageSize }));
    return { rows: rowsOf(answer), next: answer.next };
  };
}

type FilterNames = Pick<ListHead<never>, 'search' | 'filters' | 'linked'>;

/** The filters of a list, as the address has them. */
export function queryOf({ search, filters = [], linked = [] }: FilterNames): Query {
  const names = [...(search === undefined ? [] : ['search']), ...filters.map(({ name }) => name), ...linked];
  return Object.fromEntries(names.map((name) => [name, place.value.query.get(name) ?? '']));
}

export function useList<Row>(spec: ListSpec<Row>): List<Row> {
  const query = queryOf(spec);
  const key = JSON.stringify(query);
  const [state, setState] = useState<{ rows?: readonly Row[]; next: Cursor | null; problem?: string }>({ next: null });
  const turn = useRef(0);
  const load = useCallback(
    async (cursor?: Cursor): Promise<void> => {
      turn.current += 1;
      const mine = turn.current;
      try {
        const page = await spec.load(query, cursor);
        if (turn.current !== mine) return;
        setState((before) => ({
          rows: cursor === undefined ? page.rows : [...(before.rows ?? []), ...page.rows],
          next: page.next,
        }));
      } catch (error) {
        if (turn.current === mine) setState((before) => ({ ...before, problem: messageOf(error) }));
      }
    },
    // The key is the query.
    [key],
  );
  const reload = (): void => void load();
  useEffect(reload, [load]);
  useLive(spec.live ?? [], useThrottled(reload));
  const { rows, next, problem } = state;
  return {
    rows: rows ?? [],
    count: rows?.length,
    problem,
    isFiltered: Object.values(query).some((value) => value !== ''),
    all: () => collected((cursor) => spec.load(query, cursor)),
    more: next === null ? undefined : () => void load(next),
    reload,
  };
}

async function collected<Row>(load: (cursor?: Cursor) => Promise<Page<Row>>): Promise<readonly Row[]> {
  const all: Row[] = [];
  let cursor: Cursor | undefined;
  for (;;) {
    const page = await load(cursor);
    all.push(...page.rows);
    if (page.next === null) return all;
    if (all.length >= maxRows) {
      throw new Error(
        `There are more than ${maxRows.toLocaleString()} rows. Filter the list first, or use the "cordon" CLI.`,
      );
    }
    cursor = page.next;
  }
}
