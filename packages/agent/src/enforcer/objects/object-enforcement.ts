/** Enforces suspicious objects, from the enforcer's side: receives list, settings and tasks, and reports the status. */
import { readFileSync } from 'node:fs';
import type { ObjectName, ObjectSettings, ObjectEnforcementStatus, DesiredState } from '@cordon/protocol/channel';
import type { Log } from '../../log.ts';
import type { AddressEvents } from './address-enforcement.ts';
import { AddressEnforcement } from './address-enforcement.ts';
import type { AddressBlocking } from '../address-blocking/address-blocking.ts';
import type { ToEnforcer, ToLink } from '../../ipc/link-messages.ts';
import type { WorkerName } from '../../ipc/worker-client.ts';
import type { ObjectsStatus } from '../../ipc/control-messages.ts';
import type { MatchMessage, FromScanner, FromOnAccess } from '../../ipc/worker-messages.ts';
import { stopWorkers } from '../workers/stop-workers.ts';
import { DetectionUpload } from '../detections/detection-upload.ts';
import { FileEnforcement } from './file-enforcement.ts';
import { MatchRouter } from '../detections/route-match.ts';
import type { Addressee } from '../desired-state/verify.ts';
import { allOff } from './file-rules.ts';
import type { ObjectList } from './object-list.ts';
import type { PageApplied } from './list-sync.ts';
import type { Greeting, WorkerEvents } from '../../ipc/worker-server.ts';
import type { Workers } from '../workers/workers.ts';
import { PendingQuarantines } from '../detections/pending-quarantines.ts';
import type { Source } from '../detections/segment.ts';
import type { Signer } from '../state/signer.ts';
import { Spool } from '../detections/spool.ts';
import type { State } from '../state/state.ts';
import { Tasks } from '../tasks/tasks.ts';

/** A list that is still being edited is swept for once. */
const sweepAfter = 1000;
const reportEvery = 1000;

export interface ObjectEnforcementDeps {
  readonly state: State;
  readonly addressee: Addressee;
  readonly objects: ObjectList;
  readonly signer: Signer;
  readonly workers: (events: WorkerEvents) => Workers;
  readonly addresses: (events: AddressEvents) => AddressBlocking;
  /** Gateways from the enrolment. */
  readonly enrolledAt: readonly { readonly host: string }[];
  readonly now: () => number;
  readonly log: Log;
  /** To link, if it is connected. */
  readonly tell: (message: ToLink) => void;
  /** The status differs from the one reported. */
  readonly report: () => void;
}

type TaskMessage = Extract<ToEnforcer, { type: 'task' | 'progress-recorded' | 'detections-recorded' }>;

export class ObjectEnforcement {
  readonly #deps: ObjectEnforcementDeps;
  readonly #workers: Workers;
  readonly #files: FileEnforcement;
  readonly #addresses: AddressEnforcement;
  readonly #spool: Spool;
  readonly #upload: DetectionUpload;
  readonly #matchRouter: MatchRouter;
  readonly #tasks: Tasks;
  readonly #sessions = new Map<WorkerName, string>();
  readonly #boot = bootId();
  #rebuilding: ObjectName[] | undefined;
  #open = false;
  #reported = '';
  #sweepTimer: NodeJS.Timeout | undefined;
  #reportTimer: NodeJS.Timeout | undefined;

  constructor(deps: ObjectEnforcementDeps) {
    const { state, objects, signer, addressee, now, log, tell } = deps;
    this.#deps = deps;
    this.#workers = deps.workers({
      opened: (part, greeting) => this.#opened(part, greeting),
      closed: (part) => this.#files.closed(part),
      received: {
        'on-access': (message) => this.#fromOnAccess(message),
        scanner: (message) => this.#fromScanner(message),
      },
    });
    const line = this.#workers;
    this.#files = new FileEnforcement({
      listed: objects,
      line,
      shieldPath: state.shield,
      now,
      log,
      sweepDue: () => this.#sweepSoon(),
      changed: () => this.#reportSoon(),
    });
    this.#spool = new Spool({
      folder: state.spool,
      log,
      kept: (part, number) => {
        if (part === 'on-access' || part === 'scanner') line.acknowledge(part, number);
      },
      grown: () => this.#upload.grown(),
    });
    this.#addresses = new AddressEnforcement({
      open: deps.addresses,
      objects,
      enrolledAt: deps.enrolledAt,
      found: (finding) => this.#spool.add(finding),
      changed: () => this.#reportSoon(),
    });
    this.#upload = new DetectionUpload({ spool: this.#spool, signer, addressee, tell, log });
    this.#matchRouter = new MatchRouter({
      spool: this.#spool,
      quarantines: new PendingQuarantines(state.quarantines, log),
      line,
      rule: (sha1) => this.#files.rule(sha1),
    });
    const settings = (): ObjectSettings => this.#files.settings;
    const order = line.send.bind(line, 'scanner');
    this.#tasks = new Tasks({ path: state.tasks, addressee, settings, signer, order, tell, now, log });
  }

  /** The rules are there; a worker that connects now gets all of them. */
  async open(): Promise<void> {
    this.#open = true;
    // Changed while we did not run: the sweep for it may never have begun.
    const { revision } = this.#deps.objects;
    if (revision > 0 && !this.#tasks.knowsList(revision)) this.#sweepSoon();
    await this.#workers.open();
  }

  /** The settings of the newest genuine desired state. */
  follow({ installed, objects: desired, gateways }: Pick<DesiredState, 'installed' | 'objects' | 'gateways'>): void {
    const before = this.#files.settings;
    const objects = installed && desired ? desired : allOff;
    this.#addresses.follow(objects, gateways);
    if (JSON.stringify(before) === JSON.stringify(objects)) return;
    this.#files.apply(objects);
    if (before.sweep === objects.sweep) return;
    this.#tasks.endListSweeps(`Sweeping was set to ${objects.sweep} for this endpoint.`);
    if (objects.sweep !== 'off') this.#sweepSoon();
  }

  /** A list that starts over is put in force when it is complete: until then, a missing object is not removed. */
  listChanged({ changed, anew, more }: PageApplied): void {
    if (anew) this.#rebuilding = [...(this.#rebuilding ?? []), ...changed];
    else this.#rebuilding?.push(...changed);
    if (this.#rebuilding && more) return;
    const names = this.#rebuilding ?? changed;
    this.#rebuilding = undefined;
    this.#files.listChanged(names);
    this.#addresses.listChanged(names);
  }

  connected(): void {
    this.#tasks.connected();
    this.#upload.connected();
  }

  handle(message: TaskMessage): void {
    switch (message.type) {
      case 'task':
        return this.#tasks.receive(message.task);
      case 'progress-recorded':
        return this.#tasks.recorded(message.receipt);
      case 'detections-recorded':
        return this.#upload.recorded(message.receipt);
    }
  }

  /** For the report; remembered, so that a change is reported once. */
  reportedStatus(): ObjectEnforcementStatus {
    const status = this.#enforcementStatus;
    this.#reported = JSON.stringify(status);
    return status;
  }

  get status(): ObjectsStatus {
    const tasks = this.#tasks.unfinished.map(({ task, work: { kind }, progress }) => {
      const { files = 0, of = null, found = 0 } = progress ?? {};
      return { task, kind, files, of, found };
    });
    return {
      settings: this.#files.settings,
      enforcement: this.#enforcementStatus,
      objects: this.#deps.objects.size,
      revision: this.#deps.objects.revision,
      fileRules: this.#files.size,
      workers: { 'on-access': this.#workers.has('on-access'), scanner: this.#workers.has('scanner') },
      spooled: this.#spool.length,
      tasks,
    };
  }

  /** Enforcement has ended, and no worker may reconnect. */
  async dismiss(): Promise<void> {
    await stopWorkers(this.#files.processes);
  }

  async close(): Promise<void> {
    clearTimeout(this.#sweepTimer);
    clearTimeout(this.#reportTimer);
    this.#open = false;
    this.#workers.close();
    this.#files.close();
    this.#addresses.close();
    this.#tasks.close();
    this.#upload.close();
    await this.#spool.close();
  }

  get #enforcementStatus(): ObjectEnforcementStatus {
    return { ...this.#files.held, ...this.#addresses.state };
  }

  #opened(part: WorkerName, greeting: Greeting): void {
    const { pid, startedAt } = greeting.process;
    this.#sessions.set(part, `${this.#boot} ${pid} ${startedAt}`);
    this.#deps.log('part came', { part, pid });
    this.#files.opened(part, greeting);
    if (part !== 'scanner') return;
    this.#tasks.scannerOpened();
    this.#matchRouter.scannerOpened();
  }

  #fromOnAccess(message: Exclude<FromOnAccess, { type: 'hello' }>): void {
    if (message.type === 'state') this.#files.onAccessStateChanged(message);
    else this.#found('on-access', message);
  }

  #fromScanner(message: Exclude<FromScanner, { type: 'hello' }>): void {
    switch (message.type) {
      case 'protected-files':
        return this.#files.protectedFilesChanged(message);
      case 'quarantine-state':
        return this.#files.quarantineStateChanged(message.message);
      case 'progress':
        return this.#tasks.fromScanner(message);
      case 'match':
        return this.#found('scanner', message);
    }
  }

  #found(part: WorkerName, found: MatchMessage): void {
    const { number } = found;
    const session = this.#sessions.get(part) ?? '';
    const from: Source | undefined = number === undefined ? undefined : { part, session, number };
    this.#matchRouter.receive(found, part, from);
  }

  /** After a quiet time; and never for the list as it was at our start, which was swept for before. */
  #sweepSoon(): void {
    if (!this.#open) return;
    clearTimeout(this.#sweepTimer);
    this.#sweepTimer = setTimeout(() => {
      if (this.#files.settings.sweep !== 'off') this.#tasks.sweepForList(this.#deps.objects.revision);
    }, sweepAfter);
  }

  #reportSoon(): void {
    if (!this.#open || this.#reportTimer || JSON.stringify(this.#enforcementStatus) === this.#reported) return;
    this.#reportTimer = setTimeout(() => {
      this.#reportTimer = undefined;
      if (JSON.stringify(this.#enforcementStatus) !== this.#reported) this.#deps.report();
    }, reportEvery);
  }
}

/** Within one boot a process is identified by its number and start time. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return String(process.pid); // Without it, what is sent again after our own death may be kept twice.
  }
}
