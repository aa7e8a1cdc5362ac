/** Stands in for `on-access` and `scanner` on simulated endpoints: keeps the rules in a file, and examines nothing. */
import { writeQuickly } from '../../fs/durable.ts';
import type { ProcessName } from '@cordon/protocol/channel';
import type { WorkerTraffic, WorkerName } from '../../ipc/worker-client.ts';
import type { FileRule, FromScanner, ToScanner, ToOnAccess } from '../../ipc/worker-messages.ts';
import type { WorkerEvents } from '../../ipc/worker-server.ts';
import type { Workers } from '../workers/workers.ts';

type OnAccessMode = Extract<ToOnAccess, { type: 'on-access-settings' }>['mode'];

const nobody: ProcessName = { pid: 0, startedAt: 0 };
const nothing = { files: 0, of: 0, bytes: 0, unreadable: 0, found: 0, copies: [], message: 'Simulated.' };

export class SimulatedWorkers implements Workers {
  readonly #path: string;
  readonly #events: WorkerEvents;
  readonly #rules = new Map<string, FileRule>();
  #mode: OnAccessMode = 'off';
  #open = false;

  constructor(path: string, events: WorkerEvents) {
    this.#path = path;
    this.#events = events;
  }

  has(): boolean {
    return this.#open;
  }

  async open(): Promise<void> {
    this.#open = true;
    for (const worker of ['on-access', 'scanner'] as const)
      this.#events.opened(worker, { process: nobody, revision: 0 });
    this.#events.received.scanner({ type: 'protected-files', package: '', always: '' });
    return Promise.resolve();
  }

  send<P extends WorkerName>(worker: P, message: WorkerTraffic[P]['to']): boolean {
    if (!this.#open) return false;
    if (message.type === 'sweep') this.#finish(message.task, 'sweep');
    if (message.type === 'restore' || message.type === 'end-processes') this.#finish(message.task, message.type);
    if (worker === 'on-access') this.#toOnAccess(message);
    return true;
  }

  /** It matches nothing. */
  acknowledge(): void {}

  close(): void {
    this.#open = false;
  }

  #toOnAccess(message: ToOnAccess | ToScanner): void {
    if (message.type === 'rules') {
      this.#rules.clear();
      this.#put(message.files, []);
    }
    if (message.type === 'rules-changed') this.#put(message.put, message.remove);
    if (message.type === 'on-access-settings') this.#setMode(message.mode);
  }

  #setMode(mode: OnAccessMode): void {
    this.#mode = mode;
    this.#put([], []);
    const state = mode === 'off' ? 'off' : 'on';
    this.#answer(() => this.#events.received['on-access']({ type: 'state', state, filesystems: [], message: null }));
  }

  #put(put: readonly FileRule[], remove: readonly string[]): void {
    for (const sha1 of remove) this.#rules.delete(sha1);
    for (const rule of put) this.#rules.set(rule.sha1, rule);
    writeQuickly(this.#path, JSON.stringify({ mode: this.#mode, files: [...this.#rules.values()] }));
  }

  #finish(task: string, kind: string): void {
    const progress: FromScanner = { type: 'progress', task, kind, state: 'done', ...nothing };
    this.#answer(() => this.#events.received.scanner(progress));
  }

  /** Later, as a process of its own would. */
  #answer(say: () => void): void {
    setImmediate(() => {
      if (this.#open) say();
    });
  }
}
