/** Which page is shown: the address bar decides, through the History API. */
import { signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';

/** Everything below here is the console's. */
export const base = '/console';

export interface Place {
  /** Below the base, without a slash at its end: `/endpoints`. */
  readonly path: string;
  readonly query: URLSearchParams;
}

if (!location.pathname.startsWith(base)) history.replaceState(null, '', `${base}/`);

export const place = signal<Place>(readPlace());

addEventListener('popstate', () => {
  place.value = readPlace();
});

/** Goes to a page. `replace` leaves no trace in the history, for what is typed letter by letter. */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
  if (options.replace === true) history.replaceState(null, '', base + to);
  else history.pushState(null, '', base + to);
  const before = place.value.path;
  place.value = readPlace();
  if (place.value.path !== before) scrollTo(0, 0);
}

/** Keeps a choice of the page (a search, a filter) in its address, so that it can be shared and gone back to. */
export function setQuery(changes: Readonly<Record<string, string>>): void {
  const query = new URLSearchParams(place.value.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  navigate(place.value.path + (text === '' ? '' : `?${text}`), { replace: true });
}

interface LinkProps {
  readonly to: string;
  readonly class?: string;
  readonly 'aria-current'?: 'page' | undefined;
  readonly children: ComponentChildren;
}

export function Link({ to, children, ...rest }: LinkProps): JSX.Element {
  const follow = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <a href={base + to} onClick={follow} {...rest}>
      {children}
    </a>
  );
}

function readPlace(): Place {
  const path = location.pathname.slice(base.length).replace(/\/+$/, '');
  return { path: path === '' ? '/' : path, query: new URLSearchParams(location.search) };
}
