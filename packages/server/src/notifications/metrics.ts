/** Metrics of the sending, for Prometheus. */
import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { Notifications } from './notifications.ts';

export function notificationMetrics(registry: Registry, notifications: Notifications): void {
  const registers = [registry];
  const labelNames = ['receiver'];
  const failures = new Gauge({
    name: 'cordon_notification_failures_total',
    help: 'Webhook calls and syslog connections of this node that failed.',
    labelNames,
    registers,
  });
  const behind: Gauge = new Gauge({
    name: 'cordon_notifications_behind',
    help: 'Events not yet sent to a webhook or the syslog collector.',
    labelNames,
    registers,
    collect: async (): Promise<void> => {
      const status = await notifications.status();
      behind.reset();
      failures.reset();
      for (const [receiver, count] of status.behind) behind.set({ receiver }, count);
      for (const [receiver, count] of status.failures) failures.set({ receiver }, count);
    },
  });
}
