/** The navigation: what there is, in the order in which it is needed. */
import type { IconName } from './icon.tsx';

export interface MenuItem {
  readonly to: string;
  readonly title: string;
  readonly icon: IconName;
}

export interface MenuSection {
  readonly title?: string;
  readonly items: readonly MenuItem[];
}

export const menu: readonly MenuSection[] = [
  {
    items: [{ to: '/endpoints', title: 'Endpoints', icon: 'endpoints' }],
  },
  {
    title: 'Administration',
    items: [{ to: '/administration/settings', title: 'Settings', icon: 'settings' }],
  },
];
