/** The syslog collector: its address, what is sent there, and how far delivery has come. */
import type { Syslog as Shown, SyslogSettings, SyslogTest } from '@cordon/protocol/console';
import type { Actor, Audit } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import { fromJson, toJson } from '../database/json.ts';
import type { Json } from '../database/json.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import { literalRefusal } from '../delivery/destinations.ts';
import type { DestinationRules } from '../delivery/destinations.ts';
import { newestEvent } from '../delivery/event-log.ts';
import { messageOf } from '../delivery/failure-message.ts';
import { SyslogConnection } from './connection.ts';
import { deleteSyslog, putSyslog, syslogRow, updateSyslog } from './queries.ts';
import { frameOfEvent } from './sender.ts';
import { refuseBadCertificate } from '../webhooks/webhooks.ts';

export interface SyslogDeps {
  readonly database: Database;
  readonly audit: Audit;
  readonly now: () => number;
  readonly version: string;
  readonly rules: DestinationRules;
}

export class Syslog {
  readonly #deps: SyslogDeps;

  constructor(deps: SyslogDeps) {
    this.#deps = deps;
  }

  async show(): Promise<Shown> {
    const { database, audit } = this.#deps;
    const row = await syslogRow(database.read);
    if (row === undefined) return { settings: null, state: null };
    const settings = fromJson(row.settings);
    const behind = Math.max(0, (await newestEvent(database.read)) - row.cursor);
    const auditBehind = settings.audit ? Math.max(0, (await audit.newest()) - row.audit_cursor) : 0;
    return {
      settings,
      state: {
        connected: row.connected === 1,
        cursor: row.cursor,
        behind,
        auditBehind,
        lastError: row.last_error,
        changedAt: row.changed_at,
      },
    };
  }

  /** Set for the first time, it starts with events from now on; other settings continue from the current position. */
  async set(actor: Actor, settings: SyslogSettings): Promise<void> {
    this.#refuseBad(settings);
    const auditHead = await this.#deps.audit.newest();
    await this.#deps.database.write(async (tx) => {
      const before = await syslogRow(tx);
      const start = { cursor: await newestEvent(tx), audit_cursor: auditHead };
      const state = { connected: 0, last_error: null, changed_at: null } as const;
      await putSyslog(tx, { one: 1, settings: toJson(settings), ...start, ...state });
      const hadAudit = before !== undefined && auditIn(before.settings);
      if (!hadAudit) await updateSyslog(tx, { audit_cursor: auditHead });
      const { ca, ...rest } = settings;
      const detail = JSON.stringify({ ...rest, ca: ca === null ? null : 'given' });
      const target = `${settings.protocol}://${settings.host}:${settings.port}`;
      await this.#deps.audit.record(tx, actor, { act: 'set-syslog', target, outcome: 'done', detail });
    });
  }

  async remove(actor: Actor): Promise<void> {
    await this.#deps.database.write(async (tx) => {
      if (!(await deleteSyslog(tx))) throw notSet();
      await this.#deps.audit.record(tx, actor, {
        act: 'remove-syslog',
        target: 'syslog',
        outcome: 'done',
        detail: '',
      });
    });
  }

  /**
   * Sends one line over a connection of its own. Syslog acknowledges nothing, so look for the line at the collector.
   */
  async test(actor: Actor): Promise<SyslogTest> {
    const row = await syslogRow(this.#deps.database.read);
    if (row === undefined) throw notSet();
    const settings = fromJson(row.settings);
    const body = toJson({ requestedBy: actor.name });
    const frame = frameOfEvent({ id: 0, at: this.#deps.now(), kind: 'test', body }, settings, this.#deps.version);
    try {
      const connection = await SyslogConnection.open(settings, this.#deps.rules);
      const isSent = await connection.write(frame);
      const error = isSent ? null : (connection.broken?.message ?? 'The connection broke.');
      await connection.close();
      return { sent: isSent, error };
    } catch (error) {
      return { sent: false, error: messageOf(error) };
    }
  }

  #refuseBad(settings: SyslogSettings): void {
    if (settings.ca !== null) refuseBadCertificate(settings.ca);
    if (!/^[a-z0-9.:_-]+$/i.test(settings.host))
      throw new ConsoleRefusal(400, 'host-invalid', `"${settings.host}" is no host name or address.`);
    const refused = literalRefusal(settings.host, this.#deps.rules);
    if (refused !== undefined) throw new ConsoleRefusal(400, 'host-refused', refused);
  }
}

function auditIn(settings: Json<SyslogSettings>): boolean {
  return fromJson(settings).audit;
}

function notSet(): ConsoleRefusal {
  return new ConsoleRefusal(404, 'syslog-unset', 'No syslog collector is set. "cordon syslog set" sets one.');
}
