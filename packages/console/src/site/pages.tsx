/** Every page and its address. */
import type { JSX } from 'preact';
import { ApplicationsPage } from '../applications/page.tsx';
import { EndpointsPage } from '../endpoints/page.tsx';
import { SettingsPage } from '../settings/page.tsx';
import { NowherePage } from './nowhere.tsx';

interface Page {
  readonly title: string;
  readonly show: () => JSX.Element;
}

interface Route {
  readonly path: RegExp;
  readonly title: string;
  /** `parts` are the groups of the path, decoded. */
  readonly show: (parts: readonly string[]) => JSX.Element;
}

const routes: readonly Route[] = [
  { path: /^\/$/, title: 'Endpoints', show: () => <EndpointsPage /> },
  { path: /^\/endpoints$/, title: 'Endpoints', show: () => <EndpointsPage /> },
  { path: /^\/administration\/settings$/, title: 'Settings', show: () => <SettingsPage /> },
  {
    path: /^\/administration\/settings\/automation-api-access$/,
    title: 'Automation API Access Settings',
    show: () => <ApplicationsPage />,
  },
];

/** The page at a path below the base. */
export function pageAt(path: string): Page {
  for (const { path: pattern, title, show } of routes) {
    const found = pattern.exec(path);
    if (found !== null) return { title, show: () => show(found.slice(1).map(decoded)) };
  }
  return { title: 'Nothing here', show: () => <NowherePage /> };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // Not ours, then; the page will say that there is no such thing.
  }
}
