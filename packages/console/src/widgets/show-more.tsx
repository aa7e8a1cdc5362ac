/** The button that loads the next page of a list. */
import type { JSX } from 'preact';
import type { Pages } from '../calls/use-pages.ts';

export function More<Row>({ pages }: { pages: Pages<Row> }): JSX.Element | null {
  if (!pages.hasMore) return null;
  return (
    <div class="bar">
      <button type="button" onClick={() => void pages.more()}>
        Show more
      </button>
    </div>
  );
}
