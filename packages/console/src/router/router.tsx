/** Selects the page for the address, using the History API. */
import { signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';

/** The base path of the console. */
export const base = '/console';

export interface Place {
  /** The path below the base, without a trailing slash: `/endpoints`. */
  readonly path: string;
  readonly query: URLSearchParams;
}

if (!location.pathname.startsWith(base)) history.replaceState(null, '', `${base}/`);

export const place = signal<Place>(readPlace());

addEventListener('popstate', () => {
  place.value = readPlace();
});

/** Goes to a page. `replace` adds no history entry, for text typed letter by letter. */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
  if (options.replace === true) history.replaceState(null, '', base + to);
  else history.pushState(null, '', base + to);
  const before = place.value.path;
  place.value = readPlace();
  if (place.value.path !== before) scrollTo(0, 0);
}

/** Keeps a choice (a search, a filter) in the address, so that it can be shared and revisited. */
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
