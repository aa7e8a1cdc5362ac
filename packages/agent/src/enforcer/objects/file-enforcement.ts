/**
 * Puts the listed files in force through `on-access` and `scanner`: rules, settings, trusted processes, protected
 * files.
 */
import type { ObjectName, ObjectSettings, ObjectEnforcementStatus, ProcessName } from '@cordon/protocol/channel';
import type { Log } from '../../log.ts';
import type { View } from '../../matching/effective-action.ts';
import type { WorkerName } from '../../ipc/worker-client.ts';
import type { FileRule, FromOnAccess, FromScanner, ProtectedFiles, ToOnAccess } from '../../ipc/worker-messages.ts';
import { messageOf } from '../../message-of.ts';
import type { Problem } from '../../problem.ts';
import { ReconcileLoop } from '../../reconcile.ts';
import { allOff } from './file-rules.ts';
import type { Workers } from '../workers/workers.ts';
import { RuleSet } from './rule-set.ts';
import type { Listed, RulesMessage } from './rule-set.ts';
import { readProtectedFiles, writeProtectedFiles } from './protected-files-file.ts';
import { trustedProcesses } from './agent-processes.ts';

/** An opening without a decision after this time is allowed: people hardly notice a wait of this length. */
const decisionTimeoutMs = 400;
/** A worker may take this long to start, or restart, before it counts as missing. */
const startTimeoutMs = 10_000;
const maxMessage = 500;
const workerNames = ['on-access', 'scanner'] as const;
/** By the wall clock, read again this often: however it jumps, what it shows now counts. */
const maxWaitMs = 60_000;

export interface FileEnforcementDeps {
  readonly listed: Listed;
  readonly workers: Pick<Workers, 'has' | 'send'>;
  /** `protected-files.json`. */
  readonly protectedFilesPath: string;
  readonly now: () => number;
  readonly log: Log;
  /** There is more to look for than before. */
  readonly sweepDue: () => void;
  /** The state may have changed. */
  readonly changed: () => void;
}

type OnAccessState = Extract<FromOnAccess, { type: 'state' }>;

/** What a worker says about itself. */
type WorkerState = OnAccessState | Extract<FromScanner, { type: 'protected-files' | 'quarantine-state' }>;

export class FileEnforcement {
  readonly #deps: FileEnforcementDeps;
  readonly #sets: Readonly<Record<WorkerName, RuleSet>>;
  readonly #processes = new Map<WorkerName, ProcessName>();
  /** Since when each worker is missing. */
  readonly #away = new Map<WorkerName, number>();
  #settings: ObjectSettings = allOff;
  #protectedFiles: ProtectedFiles | undefined;
  #onAccessState: OnAccessState | undefined;
  /** Why nothing is quarantined. */
  #quarantineProblem: Problem;
  readonly #loop: ReconcileLoop;

  constructor(deps: FileEnforcementDeps) {
    this.#loop = new ReconcileLoop({ name: 'file rules', log: deps.log, reconcile: () => this.#expire() });
    const { listed, now, protectedFilesPath } = deps;
    this.#deps = deps;
    // Later than any revision of an earlier process: it would have to change its rules more than once a millisecond.
    const set = { listed, view: viewOf(allOff, 'on-access'), firstRevision: now() * 1000, now: now() };
    this.#sets = { 'on-access': new RuleSet(set), scanner: new RuleSet(set) };
    this.#protectedFiles = readProtectedFiles(protectedFilesPath);
    for (const worker of workerNames) this.#markAway(worker);
  }

  get settings(): ObjectSettings {
    return this.#settings;
  }

  /** What `on-access` does about this content. */
  rule(sha1: string): FileRule | undefined {
    return this.#sets['on-access'].rule(sha1);
  }

  /** Of the connected workers. */
  get processes(): readonly ProcessName[] {
    return [...this.#processes.values()];
  }

  get size(): number {
    return Math.max(this.#sets['on-access'].size, this.#sets.scanner.size);
  }

  /** Other settings of the group: rules first, so that no worker acts on the old ones. */
  apply(settings: ObjectSettings): void {
    this.#settings = settings;
    const now = this.#deps.now();
    for (const worker of workerNames) this.#sendRules(worker, this.#sets[worker].look(viewOf(settings, worker), now));
    this.#deps.workers.send('on-access', this.#onAccessSettings);
    this.#loop.runIn(this.#waitMs);
    this.#deps.changed();
  }

  listChanged(names: readonly ObjectName[]): void {
    const now = this.#deps.now();
    for (const worker of workerNames) this.#sendRules(worker, this.#sets[worker].changed(names, now));
    this.#loop.runIn(this.#waitMs);
  }

  opened(worker: WorkerName, { process, revision }: { process: ProcessName; revision: number }): void {
    this.#processes.set(worker, process);
    this.#away.delete(worker);
    this.#sendTrusted();
    if (worker === 'on-access') {
      this.#deps.workers.send('on-access', this.#onAccessSettings);
      if (this.#protectedFiles) this.#deps.workers.send('on-access', this.#protectedFiles);
    }
    const set = this.#sets[worker];
    if (revision !== set.revision) this.#deps.workers.send(worker, set.whole());
    this.#deps.changed();
  }

  closed(worker: WorkerName): void {
    this.#processes.delete(worker);
    if (worker === 'on-access') this.#onAccessState = undefined;
    else this.#quarantineProblem = undefined;
    this.#markAway(worker);
    this.#sendTrusted();
    this.#loop.runIn(this.#waitMs);
    this.#deps.changed();
  }

  handle(message: WorkerState): void {
    switch (message.type) {
      case 'state':
        this.#onAccessState = message;
        break;
      case 'protected-files':
        this.#protectedFilesChanged(message);
        break;
      case 'quarantine-state':
        this.#quarantineProblem = message.message ?? undefined;
        break;
    }
    this.#deps.changed();
  }

  get held(): Pick<ObjectEnforcementStatus, 'onAccess' | 'sweep'> {
    return { onAccess: this.#onAccess, sweep: this.#sweep };
  }

  close(): void {
    this.#loop.stop();
  }

  /** Known before anything is blocked: a mistake in the list must not cost a host its shell. */
  #protectedFilesChanged(files: ProtectedFiles): void {
    const first = this.#protectedFiles === undefined;
    this.#protectedFiles = files;
    this.#deps.workers.send('on-access', files);
    if (first) this.#deps.workers.send('on-access', this.#onAccessSettings);
    try {
      writeProtectedFiles(this.#deps.protectedFilesPath, files);
    } catch (error) {
      this.#deps.log('protected files not saved', { message: messageOf(error) });
    }
  }

  get #onAccessSettings(): ToOnAccess {
    const { onAccess, execAtDeadline } = this.#settings;
    const mode = onAccess === 'enforce' && !this.#protectedFiles ? 'log' : onAccess;
    return { type: 'on-access-settings', mode, execAtDeadline, deadline: decisionTimeoutMs };
  }

  get #onAccess(): ObjectEnforcementStatus['onAccess'] {
    if (this.#settings.onAccess === 'off') return { state: 'off', message: null };
    const missing = this.#missing(
      'on-access',
      'The process that checks files on access is not running (cordon-agent on-access).',
    );
    if (missing) return missing;
    if (!this.#onAccessState || this.#onAccessState.state === 'off') return { state: 'starting', message: null };
    const { state, message } = this.#onAccessState;
    if (state !== 'on' || this.#settings.onAccess === 'log') return { state, message: short(message) };
    if (this.#protectedFiles) return { state, message: short(message ?? this.#untaken('denied')) };
    return { state: 'starting', message: 'Only logs until it is known which files belong to installed packages.' };
  }

  get #sweep(): ObjectEnforcementStatus['sweep'] {
    if (this.#settings.sweep === 'off') return { state: 'off', message: null };
    const missing = this.#missing('scanner', 'The process that sweeps is not running (cordon-agent scanner).');
    if (missing) return missing;
    // Without a quarantine, a sweep that should quarantine only reports.
    const message = this.#settings.sweep === 'enforce' ? this.#untaken('reported') : undefined;
    return { state: message === undefined ? 'on' : 'unable', message: short(message) };
  }

  #untaken(what: string): Problem {
    return this.#quarantineProblem === undefined
      ? undefined
      : `Files are ${what}, but not quarantined. ${this.#quarantineProblem}`;
  }

  #missing(worker: WorkerName, message: string): ObjectEnforcementStatus['sweep'] | undefined {
    const since = this.#away.get(worker);
    if (since === undefined) return undefined;
    const starting = performance.now() - since < startTimeoutMs;
    return starting ? { state: 'starting', message: null } : { state: 'unable', message };
  }

  #markAway(worker: WorkerName): void {
    this.#away.set(worker, performance.now());
  }

  #sendTrusted(): void {
    const processes = trustedProcesses(this.#processes.values());
    this.#deps.workers.send('on-access', { type: 'trusted', processes });
  }

  #sendRules(worker: WorkerName, message: RulesMessage | undefined): void {
    if (!message) return;
    this.#deps.workers.send(worker, message);
    const more = message.type === 'rules' ? message.files.length > 0 : message.put.length > 0;
    if (worker === 'scanner' && more) this.#deps.sweepDue();
  }

  /** Until the next expiry, or until a worker's time to start is over. */
  get #waitMs(): number {
    const expiry = Math.min(this.#sets['on-access'].nextExpiry, this.#sets.scanner.nextExpiry) - this.#deps.now();
    const starts = [...this.#away.values()]
      .map((since) => since + startTimeoutMs - performance.now())
      .filter((left) => left > 0);
    return Math.max(1, Math.min(expiry, maxWaitMs, ...starts));
  }

  #expire(): number {
    const now = this.#deps.now();
    for (const worker of workerNames) this.#sendRules(worker, this.#sets[worker].expire(now));
    this.#deps.changed();
    return this.#waitMs;
  }
}

/**
 * `scanner` takes away what `on-access` has denied and what its own sweeps match, so its rules are the stronger of
 * both; each sweep says whether it acts on its matches.
 */
function viewOf({ group, onAccess, sweep }: ObjectSettings, worker: WorkerName): View {
  if (worker === 'on-access') return { group, mode: onAccess };
  return { group, mode: onAccess === 'enforce' || sweep === 'enforce' ? 'enforce' : 'log' };
}

function short(message: string | null | undefined): string | null {
  return message?.slice(0, maxMessage) ?? null;
}
