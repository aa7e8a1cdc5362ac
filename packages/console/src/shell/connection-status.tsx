/** Warns when pages no longer follow the server and may be out of date. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { isLive } from '../calls/live.ts';

/** Shorter interruptions are not shown, such as a node that restarts. */
const lostAfterMs = 3000;

export function Connection(): JSX.Element {
  const lost = useLost();
  return (
    <div role="status">
      {lost ? (
        <p class="lost">
          <strong>Not live.</strong> The server is not responding, so this page may be out of date. Reconnecting
          automatically.
        </p>
      ) : null}
    </div>
  );
}

function useLost(): boolean {
  const [lost, setLost] = useState(false);
  const live = isLive.value;
  useEffect(() => {
    if (live) {
      setLost(false);
      return;
    }
    const timer = setTimeout(() => setLost(true), lostAfterMs);
    return () => clearTimeout(timer);
  }, [live]);
  return lost;
}
