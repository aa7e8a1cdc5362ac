/** Limits how often a burst of changes causes a call. */
import { useRef } from 'preact/hooks';

/** The minimum interval between two calls. */
const minIntervalMs = 600;

/** Runs `work` at once, and then at most once per interval. */
export function useThrottled(work: () => void): () => void {
  const newest = useRef(work);
  newest.current = work;
  const state = useRef<{ waiting: boolean; last: number }>({ waiting: false, last: 0 });
  return () => {
    if (state.current.waiting) return;
    state.current.waiting = true;
    const wait = Math.max(0, state.current.last + minIntervalMs - Date.now());
    setTimeout(() => {
      state.current = { waiting: false, last: Date.now() };
      newest.current();
    }, wait);
  };
}
