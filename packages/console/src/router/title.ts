/** The title of the window, by which one of several is found again. */
import { useEffect } from 'preact/hooks';

/** Says what the page is about once that is known; the name of its kind stands there until then. */
export function useTitle(what: string | undefined): void {
  useEffect(() => {
    if (what !== undefined && what !== '') document.title = titled(what);
  }, [what]);
}

export function titled(what: string): string {
  return `${what} · Cordon`;
}
