/** Maps addresses to pages. */
import type { JSX } from 'preact';
import { OwnAccountPage } from './accounts/own-account-page.tsx';
import { AccountsPage } from './accounts/accounts-page.tsx';
import { ApplicationsPage } from './applications/applications-page.tsx';
import { AuditPage } from './audit/audit-page.tsx';
import { CommandsPage } from './commands/commands-page.tsx';
import { DetectionsPage } from './detections/detections-page.tsx';
import { EndpointPage } from './endpoint/endpoint-page.tsx';
import { EndpointsPage } from './endpoints/endpoints-page.tsx';
import { EnrolmentPage } from './enrolment/enrolment-page.tsx';
import { NotificationsPage } from './notifications/notifications-page.tsx';
import { ObjectPage } from './objects/object-page.tsx';
import { ObjectsPage } from './objects/objects-page.tsx';
import { OverviewPage } from './overview/overview-page.tsx';
import { QuarantinePage } from './quarantine/quarantine-page.tsx';
import { ServersPage } from './servers/servers-page.tsx';
import type { Me } from './session/session.ts';
import { GroupsPage } from './settings/groups-page.tsx';
import { GuardPage } from './settings/guard-page.tsx';
import { SettingsPage } from './settings/settings-page.tsx';
import { ProfilesPage } from './settings/profiles-page.tsx';
import { TaskPage } from './tasks/task-page.tsx';
import { TasksPage } from './tasks/tasks-page.tsx';
import { NotFoundPage } from './not-found-page.tsx';

interface Page {
  readonly title: string;
  readonly show: (me: Me) => JSX.Element;
}

interface Route {
  readonly path: RegExp;
  readonly title: string;
  /** `first` and `second` are the groups of the path, decoded. */
  readonly show: (me: Me, first: string, second: string) => JSX.Element;
}

const settings = '/administration/settings';

const routes: readonly Route[] = [
  { path: /^\/$/, title: 'Overview', show: () => <OverviewPage /> },
  { path: /^\/endpoints$/, title: 'Endpoints', show: () => <EndpointsPage /> },
  { path: /^\/endpoints\/([^/]+)$/, title: 'Endpoint', show: (_me, id) => <EndpointPage key={id} id={id} /> },
  { path: /^\/objects$/, title: 'Suspicious objects', show: () => <ObjectsPage /> },
  {
    path: /^\/objects\/([^/]+)\/([^/]+)$/,
    title: 'Suspicious object',
    show: (_me, type, content) => <ObjectPage key={content} type={type} content={content} />,
  },
  { path: /^\/detections$/, title: 'Detections', show: () => <DetectionsPage /> },
  { path: /^\/tasks$/, title: 'Tasks', show: () => <TasksPage /> },
  { path: /^\/tasks\/([^/]+)$/, title: 'Task', show: (_me, id) => <TaskPage key={id} id={id} /> },
  { path: /^\/quarantine$/, title: 'Quarantine', show: () => <QuarantinePage /> },
  { path: /^\/commands$/, title: 'Commands', show: () => <CommandsPage /> },
  { path: /^\/audit$/, title: 'Audit log', show: () => <AuditPage /> },
  { path: /^\/account$/, title: 'Your account', show: (me) => <OwnAccountPage me={me} /> },
  { path: exactly(settings), title: 'Settings', show: () => <SettingsPage /> },
  {
    path: exactly(`${settings}/automation-api-access`),
    title: 'Automation API Access Settings',
    show: () => <ApplicationsPage />,
  },
  { path: exactly(`${settings}/isolation-profiles`), title: 'Isolation profiles', show: () => <ProfilesPage /> },
  { path: exactly(`${settings}/groups`), title: 'Groups', show: () => <GroupsPage /> },
  { path: exactly(`${settings}/guard`), title: 'Guard', show: () => <GuardPage /> },
  { path: exactly(`${settings}/notifications`), title: 'Notifications', show: () => <NotificationsPage /> },
  { path: exactly('/administration/enrolment'), title: 'Enrolment', show: () => <EnrolmentPage /> },
  { path: exactly('/administration/servers'), title: 'Managing servers', show: () => <ServersPage /> },
  { path: exactly('/administration/accounts'), title: 'Accounts', show: () => <AccountsPage /> },
];

/** The page at a path below the base. */
export function pageAt(path: string): Page {
  for (const { path: pattern, title, show } of routes) {
    const found = pattern.exec(path);
    if (found === null) continue;
    const [first = '', second = ''] = found.slice(1).map(decoded);
    return { title, show: (me) => show(me, first, second) };
  }
  return { title: 'Page not found', show: () => <NotFoundPage /> };
}

function exactly(path: string): RegExp {
  return new RegExp(`^${path}$`);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // Not one of our IDs; the page will report that it does not exist.
  }
}
