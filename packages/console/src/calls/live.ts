/** The stream of changes on the server, one for the whole console. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { liveKinds } from '@cordon/protocol/console';
import type { LiveEvent, LiveKind } from '@cordon/protocol/console';
import { list, object, oneOf, text } from '@cordon/protocol/shape';
import { consolePaths } from '@cordon/protocol/console/paths';

type Listener = (ids: readonly string[]) => void;

const listeners = new Map<LiveKind, Set<Listener>>();
/** Before the stream is opened again, after an answer that a browser gives up on. */
const reconnectAfterMs = 5000;
const liveEventShape = object<LiveEvent>({ kind: oneOf(liveKinds), ids: list(text()) });

let stream: EventSource | undefined;
let again: ReturnType<typeof setTimeout> | undefined;
let broken = false;

/** Whether the screen currently follows the server. */
export const isLive = signal(false);

/** Opens the stream. After a break it reconnects by itself, and everything is reloaded. */
export function openLive(): void {
  closeLive();
  broken = false;
  connect();
}

export function closeLive(): void {
  clearTimeout(again);
  stream?.close();
  stream = undefined;
  isLive.value = false;
}

function connect(): void {
  const mine = new EventSource(consolePaths.events);
  stream = mine;
  mine.addEventListener('open', () => {
    isLive.value = true;
    if (broken) for (const kind of listeners.keys()) publish({ kind, ids: [] });
    broken = false;
  });
  mine.addEventListener('error', () => {
    isLive.value = false;
    broken = true;
    // A browser reconnects after a lost connection, but gives up after an answer such as a proxy's 502.
    if (mine.readyState === EventSource.CLOSED) again = setTimeout(connect, reconnectAfterMs);
  });
  mine.addEventListener('message', (message) => {
    const event = liveEventIn(String(message.data));
    if (event !== undefined) publish(event);
  });
}

/** Calls `listener` when something of one of the kinds has changed. Empty ids: anything of that kind. */
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

function publish({ kind, ids }: LiveEvent): void {
  for (const listener of listeners.get(kind) ?? []) listener(ids);
}

/** Undefined for a kind of a later version, which nothing here shows. */
function liveEventIn(data: string): LiveEvent | undefined {
  return liveEventShape.read(JSON.parse(data));
}
