/** Puts the listed files into force through `watch` and `files`: their rules, their settings, whom to trust, what to shield. */
import type { ObjectName, ObjectSettings, ObjectsHeld, ProcessName } from '@cordon/protocol/channel';
import type { Log } from '../../log.ts';
import type { View } from '../../matching/effective-action.ts';
import type { PartName } from '../../ipc/worker-client.ts';
import type { FileRule, FromWatch, Shield, ToWatch } from '../../ipc/worker-messages.ts';
import { sentenceOf } from '../../message-of.ts';
import { allOff } from './file-rules.ts';
import type { PartsLine } from '../workers/workers.ts';
import { RuleSet } from './rule-set.ts';
import type { Listed, RulesMessage } from './rule-set.ts';
import { readShield, writeShield } from './protected-files-file.ts';
import { trustedProcesses } from './agent-processes.ts';

/** An opening that nobody has decided about by then is let through: people hardly notice a wait of this length. */
const deadline = 400;
/** So long a part may take to start, or to start again, before it counts as not there. */
const grace = 10_000;
/** By the wall clock, and asked anew so often: wherever it jumps, what counts is what it shows. */
const longestWait = 60_000;

export interface FileObjectsParts {
  readonly listed: Listed;
  readonly line: Pick<PartsLine, 'has' | 'tell'>;
  /** `shield.json`. */
  readonly shieldPath: string;
  readonly now: () => number;
  readonly log: Log;
  /** There is more to look for than before. */
  readonly sweepDue: () => void;
  /** `held` may be another than before. */
  readonly changed: () => void;
}

type WatchState = Extract<FromWatch, { type: 'state' }>;

export class FileObjects {
  readonly #parts: FileObjectsParts;
  readonly #sets: Readonly<Record<PartName, RuleSet>>;
  readonly #processes = new Map<PartName, ProcessName>();
  /** Since when each part is away. */
  readonly #away = new Map<PartName, number>();
  #settings: ObjectSettings = allOff;
  #shield: Shield | undefined;
  #watchState: WatchState | undefined;
  /** Why nothing goes into the vault. */
  #vaultTrouble: string | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: FileObjectsParts) {
    const { listed, now, shieldPath } = parts;
    this.#parts = parts;
    // Later than any revision of an earlier process: it would have to change its rules more than once a millisecond.
    const set = { listed, view: viewOf(allOff, 'watch'), firstRevision: now() * 1000, now: now() };
    this.#sets = { watch: new RuleSet(set), files: new RuleSet(set) };
    this.#shield = readShield(shieldPath);
    for (const part of ['watch', 'files'] as const) this.#leave(part);
  }

  get settings(): ObjectSettings {
    return this.#settings;
  }

  get shielded(): boolean {
    return this.#shield !== undefined;
  }

  /** What `watch` does about this content. */
  rule(sha1: string): FileRule | undefined {
    return this.#sets.watch.rule(sha1);
  }

  /** Of the parts that are there. */
  get processes(): readonly ProcessName[] {
    return [...this.#processes.values()];
  }

  get size(): number {
    return Math.max(this.#sets.watch.size, this.#sets.files.size);
  }

  /** Other settings of the group: rules first, so that nobody acts by those of before. */
  apply(settings: ObjectSettings): void {
    this.#settings = settings;
    const now = this.#parts.now();
    for (const part of ['watch', 'files'] as const)
      this.#pass(part, this.#sets[part].look(viewOf(settings, part), now));
    this.#parts.line.tell('watch', this.#watchSettings);
    this.#schedule();
    this.#parts.changed();
  }

  listChanged(names: readonly ObjectName[]): void {
    const now = this.#parts.now();
    for (const part of ['watch', 'files'] as const) this.#pass(part, this.#sets[part].changed(names, now));
    this.#schedule();
  }

  opened(part: PartName, { process, revision }: { process: ProcessName; revision: number }): void {
    this.#processes.set(part, process);
    this.#away.delete(part);
    this.#tellTrusted();
    if (part === 'watch') {
      this.#parts.line.tell('watch', this.#watchSettings);
      if (this.#shield) this.#parts.line.tell('watch', this.#shield);
    }
    const set = this.#sets[part];
    if (revision !== set.revision) this.#parts.line.tell(part, set.whole());
    this.#parts.changed();
  }

  closed(part: PartName): void {
    this.#processes.delete(part);
    if (part === 'watch') this.#watchState = undefined;
    else this.#vaultTrouble = null;
    this.#leave(part);
    this.#tellTrusted();
    this.#schedule();
    this.#parts.changed();
  }

  watchIs(state: WatchState): void {
    this.#watchState = state;
    this.#parts.changed();
  }

  vaultIs(trouble: string | null): void {
    this.#vaultTrouble = trouble;
    this.#parts.changed();
  }

  /** Known before anything is blocked: a mistake in the list must not cost a host its shell. */
  shieldIs(shield: Shield): void {
    const first = this.#shield === undefined;
    this.#shield = shield;
    this.#parts.line.tell('watch', shield);
    if (first) this.#parts.line.tell('watch', this.#watchSettings);
    try {
      writeShield(this.#parts.shieldPath, shield);
    } catch (error) {
      this.#parts.log('shield not saved', { sentence: sentenceOf(error) });
    }
    this.#parts.changed();
  }

  get held(): Pick<ObjectsHeld, 'onAccess' | 'sweep'> {
    return { onAccess: this.#onAccess, sweep: this.#sweep };
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  get #watchSettings(): ToWatch {
    const { onAccess, execAtDeadline } = this.#settings;
    const mode = onAccess === 'enforce' && !this.#shield ? 'log' : onAccess;
    return { type: 'watch', mode, execAtDeadline, deadline };
  }

  get #onAccess(): ObjectsHeld['onAccess'] {
    if (this.#settings.onAccess === 'off') return { state: 'off', sentence: null };
    const missing = this.#missing('watch', 'The process that watches openings is not running (cordon-agent watch).');
    if (missing) return missing;
    if (!this.#watchState || this.#watchState.state === 'off') return { state: 'starting', sentence: null };
    const { state, sentence } = this.#watchState;
    if (state !== 'on' || this.#settings.onAccess === 'log') return { state, sentence: short(sentence) };
    if (this.#shield) return { state, sentence: short(sentence ?? this.#untaken('denied')) };
    return { state: 'starting', sentence: 'Only logs until it is known which files belong to installed packages.' };
  }

  get #sweep(): ObjectsHeld['sweep'] {
    if (this.#settings.sweep === 'off') return { state: 'off', sentence: null };
    const missing = this.#missing('files', 'The process that sweeps is not running (cordon-agent files).');
    if (missing) return missing;
    // Without a vault, a sweep that is to quarantine only finds.
    const sentence = this.#settings.sweep === 'enforce' ? this.#untaken('found and told') : null;
    return { state: sentence === null ? 'on' : 'unable', sentence: short(sentence) };
  }

  #untaken(what: string): string | null {
    return this.#vaultTrouble === null ? null : `Files are ${what}, but not taken away. ${this.#vaultTrouble}`;
  }

  #missing(part: PartName, sentence: string): ObjectsHeld['sweep'] | undefined {
    const since = this.#away.get(part);
    if (since === undefined) return undefined;
    const starting = performance.now() - since < grace;
    return starting ? { state: 'starting', sentence: null } : { state: 'unable', sentence };
  }

  #leave(part: PartName): void {
    this.#away.set(part, performance.now());
  }

  #tellTrusted(): void {
    const processes = trustedProcesses(this.#processes.values());
    this.#parts.line.tell('watch', { type: 'trusted', processes });
  }

  #pass(part: PartName, message: RulesMessage | undefined): void {
    if (!message) return;
    this.#parts.line.tell(part, message);
    const more = message.type === 'rules' ? message.files.length > 0 : message.put.length > 0;
    if (part === 'files' && more) this.#parts.sweepDue();
  }

  /** To the next expiry, or the end of somebody's grace. */
  #schedule(): void {
    clearTimeout(this.#timer);
    const expiry = Math.min(this.#sets.watch.nextExpiry, this.#sets.files.nextExpiry) - this.#parts.now();
    const graces = [...this.#away.values()]
      .map((since) => since + grace - performance.now())
      .filter((left) => left > 0);
    const wait = Math.max(1, Math.min(expiry, longestWait, ...graces));
    this.#timer = setTimeout(() => this.#wake(), wait);
  }

  #wake(): void {
    const now = this.#parts.now();
    for (const part of ['watch', 'files'] as const) this.#pass(part, this.#sets[part].expire(now));
    this.#schedule();
    this.#parts.changed();
  }
}

/**
 * `files` takes away what `watch` has denied as well as what its sweeps find, so its rules are as strong as the stronger
 * of both; whether a sweep acts on what it finds is said with each sweep.
 */
function viewOf({ group, onAccess, sweep }: ObjectSettings, part: PartName): View {
  if (part === 'watch') return { group, mode: onAccess };
  return { group, mode: onAccess === 'enforce' || sweep === 'enforce' ? 'enforce' : 'log' };
}

function short(sentence: string | null): string | null {
  return sentence && sentence.slice(0, 500);
}
