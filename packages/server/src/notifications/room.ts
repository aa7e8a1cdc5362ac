/** Opens the room of the notifications. */
import type { Audit } from '../audit/audit.ts';
import type { Base } from '../base.ts';
import type { Room } from '../room.ts';
import { version } from '../version.ts';
import { Notifications } from './notifications.ts';
import { notificationRoutes } from './routes.ts';

export interface NotificationsRoom extends Room {
  readonly notifications: Notifications;
}

export function openNotifications({ config, database, sealer, now }: Base, audit: Audit): NotificationsRoom {
  const notifications = new Notifications({ database, sealer, audit, now, version, allowPrivate: config.callPrivate });
  return {
    notifications,
    routes: { console: (scope) => notificationRoutes(scope, notifications) },
    start: () => notifications.start(),
    close: () => notifications.close(),
  };
}
