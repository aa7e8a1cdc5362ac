/** The visible part of a long list; only pages that come into view are requested. */
import { agentPageShape } from '@cordon/protocol/console';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { AgentPage, ListedEndpoint } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read, withQuery } from '../calls/call.ts';
import { messageOf } from '../calls/use-loaded.ts';
import type { Query } from '../list/use-list.ts';

const pageSize = 100;
/** Pages cached beside the visible ones. */
const maxPages = 30;

export interface ListWindow {
  /** Undefined before the first answer. */
  readonly total: number | undefined;
  readonly problem: string | undefined;
  /** The row at a position; undefined while it is loading. */
  readonly at: (index: number) => ListedEndpoint | undefined;
  /** Sets which rows are visible. */
  readonly look: (first: number, last: number) => void;
  /** Reloads the visible rows, and drops every other cached page. */
  readonly refresh: () => void;
}

/** The path of one part of the list. */
export function partPath(query: Query, offset: number, limit: number): string {
  return withQuery(consolePaths.agents, { ...query, offset, limit });
}

interface State {
  readonly key: string;
  readonly pages: ReadonlyMap<number, readonly ListedEndpoint[]>;
  readonly total: number | undefined;
  readonly problem: string | undefined;
}

export function useListWindow(query: Query): ListWindow {
  const key = JSON.stringify(query);
  const empty: State = { key, pages: new Map(), total: undefined, problem: undefined };
  const [state, setState] = useState<State>(empty);
  const asked = useRef(new Map<number, AbortController>());
  const sight = useRef({ first: 0, last: 0 });

  const load = useCallback(
    async (page: number): Promise<void> => {
      const controller = new AbortController();
      asked.current.get(page)?.abort();
      asked.current.set(page, controller);
      const path = partPath(query, page * pageSize, pageSize);
      try {
        const answer = await read(agentPageShape, 'GET', path, { signal: controller.signal });
        setState((before) => withPage(before, { key, page, answer }));
      } catch (error) {
        if (controller.signal.aborted) return;
        setState((before) => ({ ...before, key, problem: messageOf(error) }));
      } finally {
        if (asked.current.get(page) === controller) asked.current.delete(page);
      }
    },
    // The key is the query.
    [key],
  );

  const visible = useCallback((): number[] => {
    const { first, last } = sight.current;
    const pages: number[] = [];
    for (let page = Math.floor(first / pageSize); page <= Math.floor(last / pageSize); page += 1) pages.push(page);
    return pages;
  }, []);

  const known = useRef(state);
  known.current = state;
  const look = useCallback(
    (first: number, last: number): void => {
      sight.current = { first, last };
      const inSight = new Set(visible());
      // Fast scrolling passes pages that nobody will look at.
      for (const [page, controller] of asked.current) if (!inSight.has(page)) controller.abort();
      for (const page of inSight) {
        if (known.current.pages.get(page) === undefined && !asked.current.has(page)) void load(page);
      }
    },
    [load, visible],
  );

  const refresh = useCallback((): void => {
    for (const page of visible()) void load(page);
  }, [load, visible]);

  useEffect(() => {
    sight.current = { first: 0, last: 0 };
    void load(0);
    const controllers = asked.current;
    return () => {
      for (const controller of controllers.values()) controller.abort();
    };
  }, [load]);

  const at = (index: number): ListedEndpoint | undefined =>
    state.pages.get(Math.floor(index / pageSize))?.[index % pageSize];
  // The previous results stay until the first answer to a new search: a flickering list cannot be read.
  return { total: state.total, problem: state.problem, at, look, refresh };
}

function withPage(before: State, got: { key: string; page: number; answer: AgentPage }): State {
  const { key, page, answer } = got;
  const pages = before.key === key ? new Map(before.pages) : new Map<number, readonly ListedEndpoint[]>();
  // The most recently used page goes to the end; the least recently used one is dropped.
  pages.delete(page);
  pages.set(page, answer.agents);
  const [oldest] = pages.keys();
  if (pages.size > maxPages && oldest !== undefined) pages.delete(oldest);
  return { key, pages, total: answer.total, problem: undefined };
}
