/** The navigation entries, in order of use, with the permissions they need. */
import type { JSX } from 'preact';
import { may } from '../session/permissions.ts';
import type { IconName } from '../widgets/icon.tsx';
import { WaitingCount } from './approval-count.tsx';

export interface MenuItem {
  readonly to: string;
  readonly title: string;
  readonly icon: IconName;
  /** The number of items waiting there. */
  readonly Count?: () => JSX.Element | null;
  /** Hides an entry that would be empty or refused. */
  readonly hidden?: () => boolean;
}

export interface MenuSection {
  readonly title?: string;
  readonly items: readonly MenuItem[];
}

const forAdministrators = (): boolean => !may('administer');

export const menu: readonly MenuSection[] = [
  {
    items: [
      { to: '/', title: 'Overview', icon: 'overview' },
      { to: '/endpoints', title: 'Endpoints', icon: 'endpoints' },
      { to: '/objects', title: 'Suspicious objects', icon: 'objects' },
      { to: '/detections', title: 'Detections', icon: 'detections' },
      { to: '/tasks', title: 'Tasks', icon: 'tasks' },
      { to: '/quarantine', title: 'Quarantine', icon: 'quarantine' },
      { to: '/commands', title: 'Commands', icon: 'commands', Count: WaitingCount },
      { to: '/audit', title: 'Audit log', icon: 'audit' },
    ],
  },
  {
    title: 'Administration',
    items: [
      { to: '/administration/settings', title: 'Settings', icon: 'settings', hidden: forAdministrators },
      { to: '/administration/enrolment', title: 'Enrolment', icon: 'enrolment', hidden: forAdministrators },
      { to: '/administration/servers', title: 'Managing servers', icon: 'servers' },
      { to: '/administration/accounts', title: 'Accounts', icon: 'accounts', hidden: forAdministrators },
    ],
  },
];
