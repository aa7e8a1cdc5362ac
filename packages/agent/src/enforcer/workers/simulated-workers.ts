/** Stands in for `watch` and `files` on simulated endpoints: keeps the rules in a file, and looks at nothing. */
import type { ProcessName } from '@cordon/protocol/channel';
import type { PartMessages, PartName } from '../../ipc/worker-client.ts';
import type { FileRule, FromFiles, ToFiles, ToWatch } from '../../ipc/worker-messages.ts';
import type { PartsEvents } from '../../ipc/worker-server.ts';
import type { PartsLine } from './workers.ts';

type WatchMode = Extract<ToWatch, { type: 'watch' }>['mode'];

const nobody: ProcessName = { pid: 0, startedAt: 0 };
const nothing = { files: 0, of: 0, bytes: 0, unreadable: 0, found: 0, copies: [], sentence: 'Simulated.' };

export class SimulatedParts implements PartsLine {
  readonly #path: string;
  readonly #write: (path: string, text: string) => void;
  readonly #events: PartsEvents;
  readonly #rules = new Map<string, FileRule>();
  #mode: WatchMode = 'off';
  #open = false;

  constructor(path: string, write: (path: string, text: string) => void, events: PartsEvents) {
    this.#path = path;
    this.#write = write;
    this.#events = events;
  }

  has(): boolean {
    return this.#open;
  }

  async open(): Promise<void> {
    this.#open = true;
    for (const part of ['watch', 'files'] as const) this.#events.opened(part, { process: nobody, revision: 0 });
    this.#events.received.files({ type: 'shield', package: '', always: '' });
    return Promise.resolve();
  }

  tell<P extends PartName>(part: P, message: PartMessages[P]['to']): boolean {
    if (!this.#open) return false;
    if (message.type === 'sweep') this.#finish(message.task, 'sweep');
    if (message.type === 'restore' || message.type === 'end-processes') this.#finish(message.task, message.type);
    if (part === 'watch') this.#tellWatch(message);
    return true;
  }

  /** It finds nothing. */
  kept(): void {}

  close(): void {
    this.#open = false;
  }

  #tellWatch(message: ToWatch | ToFiles): void {
    if (message.type === 'rules') {
      this.#rules.clear();
      this.#put(message.files, []);
    }
    if (message.type === 'rules-changed') this.#put(message.put, message.remove);
    if (message.type === 'watch') this.#setMode(message.mode);
  }

  #setMode(mode: WatchMode): void {
    this.#mode = mode;
    this.#put([], []);
    const state = mode === 'off' ? 'off' : 'on';
    this.#answer(() => this.#events.received.watch({ type: 'state', state, filesystems: [], sentence: null }));
  }

  #put(put: readonly FileRule[], remove: readonly string[]): void {
    for (const sha1 of remove) this.#rules.delete(sha1);
    for (const rule of put) this.#rules.set(rule.sha1, rule);
    this.#write(this.#path, JSON.stringify({ mode: this.#mode, files: [...this.#rules.values()] }));
  }

  #finish(task: string, kind: string): void {
    const progress: FromFiles = { type: 'progress', task, kind, state: 'done', ...nothing };
    this.#answer(() => this.#events.received.files(progress));
  }

  /** Later, as a process of its own would. */
  #answer(say: () => void): void {
    setImmediate(() => {
      if (this.#open) say();
    });
  }
}
