/**
 * Stores agents' reports of their kernels.
 *
 * Reports that arrive at one moment are stored together: ten thousand endpoints isolated by one call cost the database
 * a few statements per several hundred of them, not several per endpoint.
 */
import type { Act, Isolation } from '@cordon/protocol/automation';
import { openDocument } from '@cordon/protocol/channel';
import type { Report, SignedDocument } from '@cordon/protocol/channel';
import type { Audit } from '../audit/audit.ts';
import { abandonCommands, recordCommands, settleCommands } from '../commands/commands.ts';
import type { Database, Queries, Row } from '../database/database.ts';
import { toJson } from '../database/json.ts';
import { recordEvent } from '../delivery/record-event.ts';
import type { Arrived } from '../enrolment/arrival.ts';
import { actTable, actsDoneBy } from '../act-table/act-table.ts';
import { isolationOf } from '../agents/isolation.ts';
import { agentsByNumber, markRemoved, storeReport } from '../agents/table.ts';
import type { ReportColumns } from '../agents/table.ts';
import { about } from '../agents/rows.ts';
import type { SealedDesiredState } from '../database/rows.ts';
import type { DesiredStates } from '../desired-state/desired-states.ts';

/** The outcome of a report. */
export interface Recorded {
  /** Time from the commit to the report that proves the isolation; undefined when it shows nothing new. */
  readonly isolatedAfterMs: number | undefined;
  /** False after the agent's farewell. */
  readonly installed: boolean;
  /** A new desired state caused by the report; undefined when there is none. */
  readonly desired: SealedDesiredState | undefined;
}

export interface ReportsDeps {
  readonly database: Database;
  readonly audit: Audit;
  readonly now: () => number;
  readonly desiredStates: DesiredStates;
}

interface Given {
  readonly agent: Arrived;
  readonly report: Report;
  readonly text: string;
}

interface Waiting extends Given {
  readonly resolve: (recorded: Recorded) => void;
  readonly reject: (error: unknown) => void;
}

/** What a report says, next to the row before it. */
type Judged =
  | { readonly kind: 'current'; readonly given: Given; readonly row: Row<'agents'>; readonly columns: ReportColumns }
  | { readonly kind: 'farewell'; readonly given: Given; readonly row: Row<'agents'> }
  | { readonly kind: 'settled'; readonly outcome: Outcome };
type Current = Extract<Judged, { kind: 'current' }>;

type Outcome = Recorded | Error;

/** As many as one statement can name; the rest waits for the next one. */
const maxTogether = 250;
const nothingNew: Recorded = { isolatedAfterMs: undefined, installed: true, desired: undefined };
const gone: Recorded = { isolatedAfterMs: undefined, installed: false, desired: undefined };

export class Reports {
  readonly #deps: ReportsDeps;
  #waiting: Waiting[] = [];
  /** Agents with a report in an open transaction. */
  readonly #writing = new Set<number>();
  #scheduled = false;

  constructor(deps: ReportsDeps) {
    this.#deps = deps;
  }

  /**
   * Stores a report, or throws an Error when it is not this agent's. An older one than the stored one changes nothing.
   */
  async record(agent: Arrived, signed: SignedDocument): Promise<Recorded & { at: number; objectsRevision: number }> {
    const report = openDocument('report', signed, agent.publicKey);
    if (report.agent.toLowerCase() !== agent.entityId || report.enrolment !== agent.enrolment) {
      throw new Error('The report is about another agent or enrolment.');
    }
    if (!Number.isSafeInteger(report.objectsRevision)) throw new Error('The report has no valid list revision.');
    const recorded = await this.#soon({ agent, report, text: JSON.stringify(signed) });
    return { ...recorded, at: report.at, objectsRevision: report.objectsRevision };
  }

  /** Stores a report at the end of this turn of the event loop, together with all that arrived in it. */
  #soon(given: Given): Promise<Recorded> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...given, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#start());
  }

  /** Groups are written concurrently; a report waits while an earlier one of the same agent is being written. */
  #start(): void {
    this.#scheduled = false;
    const ready: Waiting[] = [];
    const held: Waiting[] = [];
    for (const one of this.#waiting) {
      const { number } = one.agent;
      if (this.#writing.has(number)) held.push(one);
      else ready.push(one);
      this.#writing.add(number);
    }
    this.#waiting = held;
    for (let at = 0; at < ready.length; at += maxTogether) void this.#writeGroup(ready.slice(at, at + maxTogether));
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    await this.#write(group);
    for (const { agent } of group) this.#writing.delete(agent.number);
    if (this.#waiting.length > 0) this.#schedule();
  }

  async #write(some: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = await this.#deps.database.write((tx) => this.#store(tx, some));
      for (const [index, one] of some.entries()) settle(one, outcomes[index]);
    } catch (error) {
      // One of them may have caused the failure, and the others not.
      if (some.length === 1) some[0]?.reject(error);
      else await Promise.all(some.map((one) => this.#write([one])));
    }
  }

  /** One outcome per report, in the same order. */
  async #store(tx: Queries, some: readonly Given[]): Promise<Outcome[]> {
    const now = this.#deps.now();
    const numbers = some.map(({ agent }) => agent.number);
    const rows = new Map((await agentsByNumber(tx, numbers)).map((row) => [row.number, row]));
    const judged = some.map((given) => judge(given, rows.get(given.agent.number), now));
    await storeCurrent(
      tx,
      judged.filter((one) => one.kind === 'current'),
      now,
    );
    const outcomes: Outcome[] = [];
    // One after the other: the results may go into the audit, which is a chain.
    for (const one of judged) outcomes.push(await this.#conclude(tx, one, now));
    return outcomes;
  }

  async #conclude(tx: Queries, judged: Judged, now: number): Promise<Outcome> {
    if (judged.kind === 'settled') return judged.outcome;
    const { given, row } = judged;
    if (judged.kind === 'farewell') return this.#farewell(tx, row, { report: given.report, now });
    await this.#noteTampering(tx, row, { report: given.report, now });
    const desired = await this.#takeOverRelease(tx, row, { report: given.report, now });
    const isNew = isolationOf(row) === 'isolating' && isolationAfter(judged) === 'isolated';
    return { isolatedAfterMs: isNew ? now - row.desired_at : undefined, installed: true, desired };
  }

  /**
   * The endpoint released itself, by its deadline or by break-glass. That becomes the desired state: an isolation that
   * no endpoint will apply must not stay "isolating".
   */
  async #takeOverRelease(
    tx: Queries,
    row: Row<'agents'>,
    { report, now }: Received,
  ): Promise<SealedDesiredState | undefined> {
    const { released } = report;
    if (released === undefined || row.desired_isolation !== 'isolated' || report.epoch < row.isolation_epoch)
      return undefined;
    const columns = actTable.release.columns();
    const [desired] = await this.#deps.desiredStates.change(tx, [row], { ...columns, now });
    const requestedBy = `agent:${row.entity_id}`;
    const ordered = [{ number: row.number, epoch: row.desired_epoch + 1, held: false }];
    await recordCommands(tx, { act: 'release', requestedBy, now }, ordered);
    const detail = JSON.stringify({ by: released.by, at: new Date(released.at).toISOString() });
    const fact = { act: 'released-itself', ...about(row), outcome: 'done', detail };
    await this.#deps.audit.record(tx, { name: requestedBy, source: '', requestId: '' }, fact);
    const body = { ...endpointOf(row), by: released.by, at: released.at };
    await recordEvent(tx, { kind: 'endpoint.released-itself', at: now, body });
    return desired;
  }

  async #noteTampering(tx: Queries, row: Row<'agents'>, { report, now }: Received): Promise<void> {
    const count = report.tampering?.count ?? 0;
    if (count <= row.tampering_count) return;
    const detail = `${count} foreign changes to the isolation rules, each reverted`;
    const actor = { name: `agent:${row.entity_id}`, source: '', requestId: '' };
    await this.#deps.audit.record(tx, actor, { act: 'tampering', ...about(row), outcome: 'noticed', detail });
    const body = { ...endpointOf(row), count };
    await recordEvent(tx, { kind: 'endpoint.tampering', at: now, body });
  }

  async #farewell(tx: Queries, row: Row<'agents'>, { report, now }: Received): Promise<Recorded> {
    if (row.desired_installed === 0) {
      const { number } = row;
      await settleCommands(tx, { numbers: [number], upToEpoch: report.epoch, done: ['uninstall'], problem: null, now });
      await abandonCommands(tx, { number, because: 'the agent was uninstalled', now });
      await markRemoved(tx, number, now);
      const actor = { name: `agent:${row.entity_id}`, source: '', requestId: '' };
      const fact = { act: 'uninstalled', ...about(row), outcome: 'done', detail: '' };
      await this.#deps.audit.record(tx, actor, fact);
    }
    return gone;
  }
}

interface Received {
  readonly report: Report;
  readonly now: number;
}

function settle(one: Waiting, outcome: Outcome | undefined): void {
  if (outcome === undefined || outcome instanceof Error) one.reject(outcome ?? new Error('The report has no outcome.'));
  else one.resolve(outcome);
}

function judge(given: Given, row: Row<'agents'> | undefined, now: number): Judged {
  const { report, text } = given;
  if (row === undefined || row.removed_at !== null) return { kind: 'settled', outcome: gone };
  if (!report.installed) return { kind: 'farewell', given, row };
  if (report.epoch > row.desired_epoch)
    return { kind: 'settled', outcome: new Error('The report is about a desired state that was never sent.') };
  if (report.epoch < row.reported_epoch) return { kind: 'settled', outcome: nothingNew };
  return { kind: 'current', given, row, columns: reportColumns(report, text, now) };
}

/** Stores reports, and ends their commands: reports that end the same commands in the same way are handled together. */
async function storeCurrent(tx: Queries, current: readonly Current[], now: number): Promise<void> {
  await Promise.all(current.map(({ row, columns }) => storeReport(tx, row.number, columns)));
  const endings = new Map<string, { done: Act[]; problem: string | null; numbers: number[] }>();
  for (const one of current) {
    const { report } = one.given;
    const done = actsDoneBy(isolationAfter(one));
    // A problem reported with a proven state is no failure: the rules were repaired, for example.
    const problem = report.isolation === 'unproven' ? report.problem : null;
    const key = JSON.stringify([done, problem]);
    const ending = endings.get(key) ?? { done, problem, numbers: [] };
    endings.set(key, ending);
    ending.numbers.push(one.row.number);
  }
  for (const ending of endings.values()) await settleCommands(tx, { ...ending, upToEpoch: 'reported', now });
}

function isolationAfter({ row, columns }: Current): Isolation {
  return isolationOf({ ...row, ...columns });
}

function endpointOf(row: Row<'agents'>): { agent: string; hostName: string } {
  return { agent: row.entity_id, hostName: row.host_name };
}

function reportColumns(report: Report, text: string, now: number): ReportColumns {
  return {
    reported_isolation: isBelievable(report) ? report.isolation : 'unproven',
    reported_epoch: report.epoch,
    reported_at: now,
    report: text,
    problem: report.problem,
    objects_revision: report.objectsRevision,
    object_status: report.objects === undefined ? null : toJson(report.objects),
    tampering_count: report.tampering?.count ?? 0,
    tampering_at: report.tampering?.lastAt ?? null,
  };
}

/** What the schema cannot check: isolated counts only with a proof, and only if no probe got out. */
function isBelievable({ isolation, proof }: Report): boolean {
  if (isolation !== 'isolated') return true;
  return proof !== null && proof.probes.every((one) => one.outcome !== 'sent');
}
