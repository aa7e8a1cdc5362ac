/** Sends events, and the audit if it is enabled, to the syslog collector: everything, in order, at least once. */
import { hostname } from 'node:os';
import { cefOfAudit, cefOfEvent, severityOf } from '@cordon/protocol/cef';
import type { AuditLine, Happening, SyslogSettings } from '@cordon/protocol/console';
import type { Database } from '../database/database.ts';
import { fromJson } from '../database/json.ts';
import type { DestinationRules } from '../delivery/destinations.ts';
import { DeliveryCursor } from './delivery-cursor.ts';
import type { Position } from './delivery-cursor.ts';
import { eventsAfter } from '../delivery/event-log.ts';
import type { EventRow } from '../delivery/event-log.ts';
import { backoffMs } from '../delivery/backoff.ts';
import { messageOf } from '../delivery/failure-message.ts';
import { SyslogConnection } from './connection.ts';
import { syslogFrame } from './frame.ts';
import { syslogRow, updateSyslog } from './queries.ts';
import type { SyslogRow } from './queries.ts';

export interface SyslogSenderDeps {
  readonly database: Database;
  readonly rules: DestinationRules;
  readonly version: string;
  /** Audit lines after one, oldest first. */
  readonly auditAfter: (id: number, limit: number) => Promise<AuditLine[]>;
  readonly now: () => number;
  /** Milliseconds that only grow. */
  readonly elapsed: () => number;
  readonly chance: () => number;
  /** Called for each connection that failed or broke. */
  readonly failed: () => void;
}

/** Read and written at once: a few hundred kilobytes at most. */
const linesAtOnce = 50;
const maxPauseMs = 60_000;
const saveIntervalMs = 1000;
/** A connection that stayed open this long was stable: the pauses start from the shortest again. */
const stableAfterMs = 5000;

export class SyslogSender {
  readonly #deps: SyslogSenderDeps;
  #settings = '';
  #connection: SyslogConnection | undefined;
  #delivery: DeliveryCursor | undefined;
  #failures = 0;
  #connectedAt = 0;
  #tryAt = 0;
  #savedAt = 0;
  #busy: Promise<void> = Promise.resolve();
  #isBusy = false;
  #stopped = false;

  constructor(deps: SyslogSenderDeps) {
    this.#deps = deps;
  }

  /** Starts sending everything up to event `head`, unless that is already running. Does not wait for it. */
  round(head: number): void {
    this.#stopped = false;
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#busy = this.#work(head)
      .catch((error: unknown) => process.emitWarning(`Syslog: ${String(error)}`)) // Retried in the next round.
      .finally(() => {
        this.#isBusy = false;
      });
  }

  /** Stops sending. The next node starts with what is not certain to have arrived. */
  async close(): Promise<void> {
    this.#stopped = true;
    await this.#connection?.close();
    await this.#busy;
    this.#connection = undefined;
    this.#delivery = undefined;
    this.#settings = '';
  }

  async #work(head: number): Promise<void> {
    const row = await syslogRow(this.#deps.database.read);
    if (row?.settings !== this.#settings) await this.#begin(row);
    if (row === undefined) return;
    const settings = fromJson(row.settings);
    await this.#noticeBreak();
    const connection = this.#connection ?? (await this.#connect(settings));
    this.#delivery ??= new DeliveryCursor({ cursor: row.cursor, auditCursor: row.audit_cursor });
    if (connection === undefined) return;
    while (!this.#stopped && (await this.#sendSome(connection, this.#delivery, { settings, head })))
      await this.#save(this.#delivery);
    await this.#save(this.#delivery);
  }

  /** With other settings everything starts over, from what is certain to have arrived. */
  async #begin(row: SyslogRow | undefined): Promise<void> {
    await this.#connection?.close();
    this.#connection = undefined;
    this.#delivery = undefined;
    this.#settings = row?.settings ?? '';
    this.#failures = 0;
    this.#tryAt = 0;
  }

  async #noticeBreak(): Promise<void> {
    const broken = this.#connection?.broken;
    if (broken === undefined) return;
    const now = this.#deps.elapsed();
    this.#connection = undefined;
    const position = this.#delivery?.goBack(broken, now);
    if (now - this.#connectedAt >= stableAfterMs) this.#failures = 0;
    await this.#failed(broken.message, position);
  }

  async #connect(settings: SyslogSettings): Promise<SyslogConnection | undefined> {
    if (this.#deps.elapsed() < this.#tryAt || this.#stopped) return undefined;
    try {
      this.#connection = await SyslogConnection.open(settings, this.#deps.rules);
    } catch (error) {
      await this.#failed(messageOf(error), undefined);
      return undefined;
    }
    this.#connectedAt = this.#deps.elapsed();
    const change = { connected: 1, last_error: null, changed_at: this.#deps.now() } as const;
    await this.#deps.database.write((tx) => updateSyslog(tx, change));
    return this.#connection;
  }

  async #failed(message: string, position: Position | undefined): Promise<void> {
    this.#failures += 1;
    this.#tryAt = this.#deps.elapsed() + backoffMs(this.#failures, this.#deps.chance(), maxPauseMs);
    this.#deps.failed();
    const back = position === undefined ? {} : columnsOf(position);
    const change = { ...back, connected: 0, last_error: message, changed_at: this.#deps.now() } as const;
    await this.#deps.database.write((tx) => updateSyslog(tx, change));
  }

  /** Writes the next lines; false if there are none, or they could not be written. */
  async #sendSome(
    connection: SyslogConnection,
    delivery: DeliveryCursor,
    { settings, head }: { settings: SyslogSettings; head: number },
  ): Promise<boolean> {
    const { cursor, auditCursor } = delivery.position;
    const { read } = this.#deps.database;
    const events = await eventsAfter(read, { cursor, head, kinds: settings.kinds }, linesAtOnce);
    const lines = settings.audit ? await this.#deps.auditAfter(auditCursor, linesAtOnce) : [];
    const frames = [
      ...events.map((event) => frameOfEvent(event, settings, this.#deps.version)),
      ...lines.map((line) => frameOfAudit(line, settings, this.#deps.version)),
    ];
    if (frames.length > 0 && !(await connection.write(Buffer.concat(frames)))) return false;
    // If there were fewer than requested, nothing up to the head is left.
    const reached = events.length === linesAtOnce ? (events.at(-1)?.id ?? cursor) : Math.max(cursor, head);
    const position = { cursor: reached, auditCursor: lines.at(-1)?.id ?? auditCursor };
    if (reached !== cursor || lines.length > 0) delivery.advance(position, this.#deps.elapsed());
    return frames.length > 0;
  }

  async #save(delivery: DeliveryCursor): Promise<void> {
    const now = this.#deps.elapsed();
    if (now - this.#savedAt < saveIntervalMs) return;
    this.#savedAt = now;
    const columns = columnsOf(delivery.arrived(now));
    const row = await syslogRow(this.#deps.database.read);
    if (row === undefined || row.settings !== this.#settings) return;
    if (row.cursor === columns.cursor && row.audit_cursor === columns.audit_cursor) return;
    await this.#deps.database.write((tx) => updateSyslog(tx, columns));
  }
}

function columnsOf({ cursor, auditCursor }: Position): { cursor: number; audit_cursor: number } {
  return { cursor, audit_cursor: auditCursor };
}

/** The framed line of an event. */
export function frameOfEvent(event: EventRow, settings: SyslogSettings, version: string): Buffer {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by `announce` from a Happening
  const happening = { kind: event.kind, at: event.at, body: fromJson(event.body) } as Happening;
  return syslogFrame({
    facility: settings.facility,
    severity: severityOf(happening),
    at: event.at,
    hostName: hostname(),
    messageId: event.kind,
    text: cefOfEvent(event.id, happening, version),
  });
}

function frameOfAudit(line: AuditLine, settings: SyslogSettings, version: string): Buffer {
  return syslogFrame({
    facility: settings.facility,
    severity: line.outcome === 'done' ? 4 : 6,
    at: line.at,
    hostName: hostname(),
    messageId: 'audit',
    text: cefOfAudit(line, version),
  });
}
