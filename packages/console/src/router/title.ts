/** The window's title, which distinguishes open windows. */
import { useEffect } from 'preact/hooks';

/** Sets what the page is about once known; until then, the name of its kind. */
export function useTitle(what: string | undefined): void {
  useEffect(() => {
    if (what !== undefined && what !== '') document.title = titled(what);
  }, [what]);
}

export function titled(what: string): string {
  return `${what} · Cordon`;
}
