/** Loads and reloads the data of a page, and ignores answers that arrive too late. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { call } from './call.ts';

export interface Loaded<T> {
  /** The latest answer; undefined before the first. It stays while a newer one is loading. */
  readonly data: T | undefined;
  readonly problem: string | undefined;
  readonly reload: () => Promise<void>;
}

/** The answer to GET `path`, requested again whenever the path changes. Undefined requests nothing. */
export function useLoaded<T>(path: string | undefined): Loaded<T> {
  const [state, setState] = useState<{ of: string | undefined; data?: T; problem?: string }>({ of: path });
  const newest = useRef(0);
  const reload = useCallback(async (): Promise<void> => {
    if (path === undefined) return;
    newest.current += 1;
    const mine = newest.current;
    const next = await call<T>('GET', path).then(
      (data) => ({ of: path, data }),
      (error: unknown) => ({ of: path, problem: messageOf(error) }),
    );
    if (newest.current === mine)
      setState((before) => (before.of === path ? { ...before, problem: '', ...next } : next));
  }, [path]);
  useEffect(() => {
    void reload();
    return () => {
      newest.current += 1;
    };
  }, [reload]);
  const problem = state.problem === '' ? undefined : state.problem;
  return { data: state.data, problem, reload };
}

/** The message of an error, for a person. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
