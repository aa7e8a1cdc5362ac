/** Webhooks, the syslog collector, and the sending to both. */
import { performance } from 'node:perf_hooks';
import type { Audit } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import type { Sealer } from '../secrets/sealing.ts';
import { Lease } from '../delivery/lease.ts';
import { Sending } from './sending.ts';
import { Syslog } from '../syslog/syslog.ts';
import { SyslogSender } from '../syslog/sender.ts';
import { WebhookSender } from '../webhooks/sender.ts';
import { Webhooks } from '../webhooks/webhooks.ts';

export interface NotificationsDeps {
  readonly database: Database;
  readonly sealer: Sealer;
  readonly audit: Audit;
  readonly now: () => number;
  readonly version: string;
  /** Whether private networks and this machine may be called. */
  readonly allowPrivate: boolean;
}

/** How far behind each receiver is, and how often sending to it has failed here. */
export interface DeliveryStatus {
  readonly behind: ReadonlyMap<string, number>;
  readonly failures: ReadonlyMap<string, number>;
}

/** Milliseconds that only grow; the wall clock may be set back. */
function elapsed(): number {
  return performance.now();
}

export class Notifications {
  readonly webhooks: Webhooks;
  readonly syslog: Syslog;
  readonly #sending: Sending;
  readonly #failures = new Map<string, number>();

  constructor(deps: NotificationsDeps) {
    const { database, audit, now, allowPrivate } = deps;
    const chance = Math.random;
    const rules = { allowPrivate };
    const sender = new WebhookSender({ ...deps, chance, failed: (hook) => this.#count(`webhook ${hook.id}`) });
    const syslogSender = new SyslogSender({
      database,
      rules,
      now,
      elapsed,
      chance,
      version: deps.version,
      auditAfter: (id, limit) => audit.after(id, limit),
      failed: () => this.#count('syslog'),
    });
    this.webhooks = new Webhooks({ ...deps, sender });
    this.syslog = new Syslog({ database, audit, now, version: deps.version, rules });
    const lease = new Lease({ database, name: 'notifications', elapsed });
    this.#sending = new Sending({ database, lease, webhooks: sender, syslog: syslogSender, now });
  }

  /** Starts sending, on this node or as soon as no other node sends. */
  start(): void {
    this.#sending.start();
  }

  async status(): Promise<DeliveryStatus> {
    const behind = new Map<string, number>();
    for (const hook of await this.webhooks.list()) if (hook.enabled) behind.set(`webhook ${hook.id}`, hook.behind);
    const { state } = await this.syslog.show();
    if (state !== null) behind.set('syslog', state.behind + state.auditBehind);
    return { behind, failures: this.#failures };
  }

  close(): Promise<void> {
    return this.#sending.close();
  }

  #count(receiver: string): void {
    this.#failures.set(receiver, (this.#failures.get(receiver) ?? 0) + 1);
  }
}
