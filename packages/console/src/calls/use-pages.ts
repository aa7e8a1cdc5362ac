/** A list that loads page by page, newest first. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from './use-loaded.ts';

export interface Pages<Row> {
  /** Undefined before the first answer. */
  readonly rows: readonly Row[] | undefined;
  readonly hasMore: boolean;
  readonly problem: string | undefined;
  readonly more: () => Promise<void>;
  /** Every row, including pages not loaded yet; refuses beyond `mostRows`. */
  readonly all: () => Promise<readonly Row[]>;
  /** Reloads the first page, and drops the others. */
  readonly reload: () => Promise<void>;
}

/** As many rows as a browser window can hold and a spreadsheet can open. */
const maxRows = 100_000;

interface Page<Row, Cursor> {
  readonly rows: readonly Row[];
  readonly next: Cursor | null;
}

/** `load` fetches the page at a cursor. `key` names what is listed; another key starts again. */
export function usePages<Row, Cursor>(
  key: string,
  load: (cursor: Cursor | undefined) => Promise<Page<Row, Cursor>>,
): Pages<Row> {
  const [state, setState] = useState<{ rows?: readonly Row[]; next: Cursor | null; problem?: string }>({ next: null });
  const turn = useRef(0);
  const newest = useRef(load);
  newest.current = load;
  const ask = useCallback(async (cursor: Cursor | undefined): Promise<void> => {
    turn.current += 1;
    const mine = turn.current;
    try {
      const page = await newest.current(cursor);
      if (turn.current !== mine) return;
      setState((before) => ({
        rows: cursor === undefined ? page.rows : [...(before.rows ?? []), ...page.rows],
        next: page.next,
      }));
    } catch (error) {
      if (turn.current === mine) setState((before) => ({ ...before, problem: messageOf(error) }));
    }
  }, []);
  useEffect(() => void ask(undefined), [ask, key]);
  return {
    rows: state.rows,
    hasMore: state.next !== null,
    problem: state.problem,
    more: () => ask(state.next ?? undefined),
    all: () => collected(newest.current),
    reload: () => ask(undefined),
  };
}

async function collected<Row, Cursor>(
  load: (cursor: Cursor | undefined) => Promise<Page<Row, Cursor>>,
): Promise<readonly Row[]> {
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
