/** Takes each match to the server: numbered in the spool, or first to `scanner`, which quarantines the file. */
import { readFileSync } from 'node:fs';
import type { ProcessName } from '@cordon/protocol/channel';
import type { ToLink } from '../../ipc/link-messages.ts';
import { withRemark } from '../../ipc/outbox.ts';
import type { WorkerName } from '../../ipc/worker-client.ts';
import type { FileRule, Match, MatchMessage } from '../../ipc/worker-messages.ts';
import type { Log } from '../../log.ts';
import type { Addressee } from '../desired-state/verify.ts';
import type { Signer } from '../state/signer.ts';
import type { State } from '../state/state.ts';
import type { Workers } from '../workers/workers.ts';
import { DetectionUpload } from './detection-upload.ts';
import { PendingQuarantines } from './pending-quarantines.ts';
import type { Source } from './segment.ts';
import { Spool } from './spool.ts';

export interface DetectionDeps {
  readonly state: State;
  readonly addressee: Addressee;
  readonly signer: Pick<Signer, 'detections'>;
  readonly workers: Pick<Workers, 'send' | 'acknowledge'>;
  /** What `on-access` does about this content. */
  readonly rule: (sha1: string) => FileRule | undefined;
  readonly log: Log;
  /** To link, if it is connected. */
  readonly send: (message: ToLink) => void;
}

export class DetectionController {
  readonly #deps: DetectionDeps;
  readonly #spool: Spool;
  readonly upload: DetectionUpload;
  readonly #quarantines: PendingQuarantines;
  readonly #sessions = new Map<WorkerName, string>();
  readonly #boot = bootId();

  constructor(deps: DetectionDeps) {
    const { state, workers, log } = deps;
    this.#deps = deps;
    this.#quarantines = new PendingQuarantines(state.path('quarantines'), log);
    this.#spool = new Spool({
      folder: state.path('spool'),
      log,
      kept: (worker, number) => {
        if (worker === 'on-access' || worker === 'scanner') workers.acknowledge(worker, number);
      },
      grown: () => this.upload.grown(),
    });
    this.upload = new DetectionUpload({ ...deps, spool: this.#spool });
  }

  /** Detections that no server has recorded. */
  get length(): number {
    return this.#spool.length;
  }

  /** The numbers of its matches grow within one process. */
  workerOpened(worker: WorkerName, { pid, startedAt }: ProcessName): void {
    this.#sessions.set(worker, `${this.#boot} ${pid} ${startedAt}`);
  }

  /** `scanner` has connected: sends again what it was asked to quarantine and has not answered. */
  scannerOpened(): void {
    for (const match of this.#quarantines.waiting) {
      if (this.#shouldQuarantine(match)) {
        this.#deps.workers.send('scanner', { type: 'quarantine', match });
      } else {
        this.#quarantines.concluded(match);
        this.#spool.add(withRemark(match, 'It was not quarantined, because its rule no longer says so.'));
      }
    }
  }

  /** A match without a number is accepted as it comes; one that is known is acknowledged again. */
  handle(worker: WorkerName, { match, number, further }: MatchMessage): void {
    const session = this.#sessions.get(worker) ?? '';
    const from: Source | undefined = number === undefined ? undefined : { worker, session, number };
    if (from && (this.#spool.has(from) || this.#quarantines.has(from)))
      return this.#deps.workers.acknowledge(worker, from.number);
    if (worker === 'scanner') this.#quarantines.concluded(match);
    if (worker === 'on-access' && further !== true && this.#shouldQuarantine(match)) this.#quarantine(match, from);
    else this.#spool.add(match, from);
  }

  /** A match of this process itself. */
  add(match: Match): void {
    this.#spool.add(match);
  }

  async close(): Promise<void> {
    this.upload.close();
    await this.#spool.close();
  }

  /** Only the result is reported, so that one file is one detection; unless that may take long. */
  #quarantine(match: Match, from: Source | undefined): void {
    const { workers } = this.#deps;
    const added = this.#quarantines.add(match, from);
    if (added === 'full') {
      return this.#spool.add(withRemark(match, 'It was not quarantined: too many other files wait for that.'), from);
    }
    const taken = added === 'known' || workers.send('scanner', { type: 'quarantine', match });
    if (!taken) this.#spool.add(withRemark(match, 'It is quarantined as soon as the scanner runs again.'), from);
    else if (from) workers.acknowledge('on-access', from.number);
  }

  #shouldQuarantine({ action, file, object }: Match): boolean {
    return action === 'blocked' && file !== null && this.#deps.rule(object.content)?.action === 'quarantine';
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
