/** Keeps a storm of changes from becoming a storm of calls. */
import { useRef } from 'preact/hooks';

/** A storm of changes is looked at this often at most, milliseconds. */
const calm = 600;

/** `work` at once, and then at most once in a while. */
export function useCalm(work: () => void): () => void {
  const newest = useRef(work);
  newest.current = work;
  const state = useRef<{ waiting: boolean; last: number }>({ waiting: false, last: 0 });
  return () => {
    if (state.current.waiting) return;
    state.current.waiting = true;
    const wait = Math.max(0, state.current.last + calm - Date.now());
    setTimeout(() => {
      state.current = { waiting: false, last: Date.now() };
      newest.current();
    }, wait);
  };
}
