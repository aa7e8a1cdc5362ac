/** What the files process does with each order, whoever brings it. */
import { existsSync } from 'node:fs';
import type { FileCalls } from '../kernel/file-calls.ts';
import type { Log } from '../log.ts';
import { packRules } from '../matching/rule-index.ts';
import { RuleList } from '../matching/rule-list.ts';
import type { Match, FromScanner, ToScanner } from '../ipc/worker-messages.ts';
import { messageOf } from '../message-of.ts';
import type { Shield } from './protected-files/protected-files.ts';
import { Digests } from './sweep/digest-file.ts';
import type { Entry } from './quarantine/entry.ts';
import { VaultFailure } from './quarantine/failure.ts';
import type { VaultThread } from './quarantine/thread.ts';
import { Finder } from './match-handler.ts';
import { clipped, entrySeen, finding } from './detection.ts';
import { endProcesses } from './processes.ts';
import { Teller } from './progress.ts';
import type { Progress } from './progress.ts';
import { Sweeps } from './sweeps.ts';
import { UnfinishedSweeps } from './unfinished-sweeps.ts';

interface Work {
  readonly cancelled: boolean;
}

type Order<T extends ToScanner['type']> = Extract<ToScanner, { type: T }>;

const maxRemembered = 64;
/** A vault that could not be opened is asked again so often: whoever makes room, or brings the key, tells nobody. */
const askVaultAgainAfter = 60_000;

export interface FilesDeps {
  readonly calls: FileCalls;
  readonly vault: VaultThread;
  readonly shield: () => Promise<Shield>;
  readonly places: { readonly digests: string; readonly unfinished: string; readonly vault: string };
  readonly tell: (message: Exclude<FromScanner, { type: 'hello' }>) => void;
  /** Mount points that alone may be looked at; undefined for every real filesystem. */
  readonly only: readonly string[] | undefined;
  /** A change of the rules does not follow what is here. */
  readonly askAgain: () => void;
  readonly now: () => number;
  readonly log: Log;
}

export class Files {
  readonly #deps: FilesDeps;
  readonly #rules = new RuleList();
  readonly #finder: Finder;
  readonly #sweeps: Sweeps;
  /** Restores and ends of processes that are under way: the same again is the same. */
  readonly #busy = new Map<string, { cancelled: boolean }>();
  /** How tasks ended, for an enforcer that asks again because it has not heard of it. */
  readonly #ended = new Map<string, Progress>();
  #vaultTimer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(deps: FilesDeps) {
    const { calls, places, now, log } = deps;
    this.#deps = deps;
    this.#finder = new Finder({ ...deps, tell: (detection) => deps.tell({ type: 'match', match: detection }) });
    this.#sweeps = new Sweeps({
      finder: this.#finder,
      rules: () => this.#rules.rules(),
      digests: new Digests(places.digests),
      unfinished: new UnfinishedSweeps(places.unfinished),
      only: deps.only,
      leaveOut: [places.vault],
      calls,
      tell: (progress) => this.#progressed(progress),
      now,
      log,
    });
  }

  get revision(): number {
    return this.#rules.revision;
  }

  /** Tells what a kill has interrupted, and was then finished. A vault that fails keeps nobody from sweeping. */
  async start(): Promise<void> {
    // Nothing is made before it is needed: an endpoint that is being uninstalled must not get it back.
    if (existsSync(this.#deps.places.vault)) await this.#recover();
  }

  /** The vault does nothing at all, for this reason; or with null it works again. */
  vaultIs(message: string | null): void {
    this.#deps.tell({ type: 'quarantine-state', message: clipped(message) });
    clearTimeout(this.#vaultTimer);
    if (message === null) return this.#deps.log('vault works again');
    this.#deps.log('vault does nothing', { message });
    // Its thread may have died over a file: what was half done is finished, or taken back.
    if (!this.#stopped) this.#vaultTimer = setTimeout(() => void this.#recover(), askVaultAgainAfter);
  }

  async #recover(): Promise<void> {
    const { vault, log } = this.#deps;
    try {
      const { taken, problems } = await vault.ask<'recover'>({ kind: 'recover' });
      for (const message of problems) log('vault not recovered', { message });
      for (const entry of taken) this.#tellTaken(entry);
    } catch (error) {
      log('vault not recovered', { message: messageOf(error) });
      clearTimeout(this.#vaultTimer);
      if (!this.#stopped) this.#vaultTimer = setTimeout(() => void this.#recover(), askVaultAgainAfter);
    }
  }

  receive(order: ToScanner): void {
    if ('task' in order && this.#hasEnded(order)) return;
    switch (order.type) {
      case 'rules':
        this.#rules.replace(order.revision, order.files);
        return this.#ruled();
      case 'rules-changed':
        return this.#rules.change(order) ? this.#ruled() : this.#deps.askAgain();
      case 'sweep':
        return this.#sweeps.begin(order);
      case 'cancel':
        return this.#cancel(order.task);
      case 'quarantine':
        return void this.#quarantine(order.match);
      case 'restore':
        return this.#once(order, async (teller, work) => this.#restore(order, teller, work));
      case 'end-processes':
        return this.#once(order, async (teller) => this.#endProcesses(order, teller));
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#vaultTimer);
    for (const work of this.#busy.values()) work.cancelled = true;
    await this.#sweeps.stop();
  }

  #ruled(): void {
    this.#finder.rules = packRules(this.#rules.rules(), this.#deps.now());
  }

  #cancel(task: string): void {
    this.#sweeps.cancel(task);
    const work = this.#busy.get(task);
    if (work) work.cancelled = true;
  }

  /** Said once more to whoever has missed it. */
  #hasEnded(order: { type: string; task: string }): boolean {
    const progress = order.type === 'cancel' ? undefined : this.#ended.get(order.task);
    if (progress) this.#deps.tell(progress);
    return progress !== undefined;
  }

  #progressed(progress: Progress): void {
    // A cancelled sweep may be asked for again, and one of the list too, when settings have changed.
    if (progress.state === 'done' || progress.state === 'failed') this.#remember(progress);
    this.#deps.tell(progress);
  }

  #remember(progress: Progress): void {
    if (progress.task.startsWith('list:')) return;
    const [oldest] = this.#ended.keys();
    if (this.#ended.size >= maxRemembered && oldest !== undefined) this.#ended.delete(oldest);
    this.#ended.set(progress.task, progress);
  }

  /** Whoever waits for it hears of the end, however it comes. */
  async #quarantine(met: Match): Promise<void> {
    try {
      await this.#finder.quarantine(met);
    } catch (error) {
      this.#failed('quarantine', error);
      this.#tell({ ...met, action: 'failed', remark: clipped(messageOf(error)) });
    }
  }

  #once({ task, type }: Order<'restore' | 'end-processes'>, act: (teller: Teller, work: Work) => Promise<void>): void {
    if (this.#busy.has(task)) return;
    const work = { cancelled: false };
    const teller = new Teller(task, type, (progress) => this.#progressed(progress));
    this.#busy.set(task, work);
    void act(teller, work)
      .catch((error: unknown) => {
        this.#failed(task, error);
        teller.end('failed', [messageOf(error)]);
      })
      .finally(() => this.#busy.delete(task));
  }

  async #restore(order: Order<'restore'>, teller: Teller, work: Work): Promise<void> {
    const { copies, missing } = await this.#copiesFor(order);
    const problems = missing.map((id) => `There is no copy ${id} in the vault of this endpoint.`);
    for (const [index, entry] of copies.entries()) {
      if (work.cancelled) return teller.end('cancelled', problems);
      const problem = await this.#restoreOne(entry);
      if (problem === undefined) teller.found(undefined);
      else problems.push(`${Buffer.from(entry.path, 'base64').toString()}: ${problem}`);
      teller.counted({ files: index + 1, of: copies.length });
    }
    teller.end(problems.length > 0 ? 'failed' : 'done', problems);
  }

  async #copiesFor({ quarantine, object }: Order<'restore'>): Promise<{ copies: Entry[]; missing: string[] }> {
    const all = await this.#deps.vault.ask<'list'>({ kind: 'list' });
    const desired = quarantine && new Set(quarantine.map((id) => id.toUpperCase()));
    const matches = (entry: Entry): boolean =>
      (desired === null || desired.has(entry.id)) && (object === null || isSameObject(entry.object, object));
    // Whoever names nothing gets nothing: an empty wish must not empty the vault.
    const copies = desired === null && object === null ? [] : all.filter(matches);
    const missing = [...(desired ?? [])].filter((id) => !copies.some((entry) => entry.id === id));
    return { copies, missing };
  }

  /** A sentence when it stays in the vault. */
  async #restoreOne(entry: Entry): Promise<string | undefined> {
    const base = { at: this.#deps.now(), detectedBy: 'task' as const, object: entry.object };
    try {
      const { device, inode, remark } = await this.#deps.vault.ask<'restore'>({ kind: 'restore', copy: entry.id });
      const file = entrySeen(entry, entry.id, { device, inode });
      this.#tell(finding({ ...base, action: 'restored', remark, file }));
      return undefined;
    } catch (error) {
      if (!(error instanceof VaultFailure)) throw error;
      const file = entrySeen(entry, entry.id, { device: Number(entry.was.device), inode: Number(entry.was.inode) });
      this.#tell(finding({ ...base, action: 'failed', remark: error.message, file }));
      return error.message;
    }
  }

  async #endProcesses({ processes }: Order<'end-processes'>, teller: Teller): Promise<void> {
    const { ended, problems } = await endProcesses(this.#deps.calls, processes);
    for (let count = 0; count < ended; count += 1) teller.found(undefined);
    teller.counted({ files: processes.length, of: processes.length });
    teller.end(problems.length > 0 ? 'failed' : 'done', problems);
  }

  #tellTaken(entry: Entry): void {
    const file = entrySeen(entry, entry.id, { device: Number(entry.was.device), inode: Number(entry.was.inode) });
    const remark = 'The agent was interrupted while it was moved into the vault; that is finished now.';
    const { object, detectedBy, takenAt: at } = entry;
    this.#tell(finding({ at, detectedBy, object, action: 'quarantined', remark, file }));
  }

  #tell(detection: Match): void {
    this.#deps.tell({ type: 'match', match: detection });
  }

  #failed(what: string, error: unknown): void {
    this.#deps.log('failed', { what, message: messageOf(error) });
  }
}

function isSameObject(one: Entry['object'], other: Entry['object']): boolean {
  return one.type === other.type && one.content.toUpperCase() === other.content.toUpperCase();
}
