/** Loads and reloads the data of a page, and ignores answers that arrive too late. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { LiveKind } from '@cordon/protocol/console';
import type { Shape } from '@cordon/protocol/shape';
import { useThrottled } from '../browser/throttle.ts';
import { read } from './call.ts';
import { useLive } from './live.ts';

export interface Loaded<T> {
  /** The latest answer; undefined before the first. It stays while a newer one is loading. */
  readonly data: T | undefined;
  readonly problem: string | undefined;
  readonly reload: () => Promise<void>;
}

/**
 * The answer to GET `path`, requested again whenever the path changes or something of the `live` kinds does. Undefined
 * requests nothing.
 */
export function useLoaded<T>(shape: Shape<T>, path: string | undefined, live: readonly LiveKind[] = []): Loaded<T> {
  const [state, setState] = useState<{ of: string | undefined; data?: T; problem?: string | undefined }>({ of: path });
  const newest = useRef(0);
  const reload = useCallback(async (): Promise<void> => {
    if (path === undefined) return;
    newest.current += 1;
    const mine = newest.current;
    const next = await read(shape, 'GET', path).then(
      (data) => ({ of: path, data, problem: undefined }),
      (error: unknown) => ({ of: path, problem: messageOf(error) }),
    );
    if (newest.current === mine) setState((before) => (before.of === path ? { ...before, ...next } : next));
  }, [path]);
  useLive(
    live,
    useThrottled(() => void reload()),
  );
  useEffect(() => {
    void reload();
    return () => {
      newest.current += 1;
    };
  }, [reload]);
  return { data: state.data, problem: state.problem, reload };
}

/** The message of an error, for a person. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
