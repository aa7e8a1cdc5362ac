/** What changes at the server while somebody looks on: one stream for the whole console. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { LiveEvent, LiveKind } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';

type Listener = (ids: readonly string[]) => void;

const listeners = new Map<LiveKind, Set<Listener>>();
let stream: EventSource | undefined;

/** Whether what is on the screen follows the server at this moment. */
export const isLive = signal(false);

/** Begins to listen; the browser comes back by itself after a break, and everything is then looked at again. */
export function openLive(): void {
  closeLive();
  stream = new EventSource(consolePaths.events);
  let broken = false;
  stream.addEventListener('open', () => {
    isLive.value = true;
    if (broken) for (const kind of listeners.keys()) tell({ kind, ids: [] });
  });
  stream.addEventListener('error', () => {
    isLive.value = false;
    broken = true;
  });
  stream.addEventListener('message', (message) => {
    const event: LiveEvent = JSON.parse(String(message.data));
    tell(event);
  });
}

export function closeLive(): void {
  stream?.close();
  stream = undefined;
  isLive.value = false;
}

/** Calls `listener` when something of one of the kinds has changed. No ids: anything of that kind. */
export function useLive(kinds: readonly LiveKind[], listener: Listener): void {
  const newest = useRef(listener);
  newest.current = listener;
  const names = kinds.join(' ');
  useEffect(() => {
    const call: Listener = (ids) => newest.current(ids);
    const added = kinds.map((kind) => {
      const set = listeners.get(kind) ?? new Set();
      listeners.set(kind, set.add(call));
      return set;
    });
    return () => {
      for (const set of added) set.delete(call);
    };
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the kinds, by their names
  }, [names]);
}

function tell({ kind, ids }: LiveEvent): void {
  for (const listener of listeners.get(kind) ?? []) listener(ids);
}
