/** Remembers the files that `on-access` has denied until `scanner` reports what it did with them. */
import type { DetectedFile } from '@cordon/protocol/channel';
import type { Log } from '../../log.ts';
import type { Match } from '../../ipc/worker-messages.ts';
import { messageOf } from '../../message-of.ts';
import { isSeen, withSeen } from './dedupe.ts';
import type { DetectedByWorker } from './dedupe.ts';
import type { Source } from './segment.ts';
import { valueIn, writeQuickly } from '../../fs/durable.ts';
import { fits } from '@cordon/protocol/shape';
import { savedShape } from './pending-quarantines.shape.ts';
import { maxWaiting } from './max-waiting.ts';

export class PendingQuarantines {
  readonly #path: string;
  readonly #log: Log;
  readonly #waiting = new Map<string, Match>();
  #seen: DetectedByWorker = {};

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
    const saved = valueIn(path);
    if (!fits(savedShape, saved)) return;
    this.#seen = saved.seen;
    for (const match of saved.waiting) this.#waiting.set(keyOf(match), match);
  }

  /** Oldest first. */
  get waiting(): readonly Match[] {
    return [...this.#waiting.values()];
  }

  has(from: Source): boolean {
    return isSeen(this.#seen, from);
  }

  /** On disk at once, so that our own death loses none. False when it already waits, or too many do. */
  add(match: Match, from: Source | undefined): 'new' | 'known' | 'full' {
    const key = keyOf(match);
    if (this.#waiting.has(key)) return 'known';
    if (this.#waiting.size >= maxWaiting) return 'full';
    this.#waiting.set(key, match);
    this.#seen = withSeen(this.#seen, from);
    this.#save();
    return 'new';
  }

  /** A result for this file was reported, by either worker; nothing more is awaited. */
  concluded(match: Match): void {
    if (this.#waiting.delete(keyOf(match))) this.#save();
  }

  #save(): void {
    try {
      writeQuickly(this.#path, JSON.stringify({ seen: this.#seen, waiting: this.waiting }));
    } catch (error) {
      this.#log('quarantines not saved', { message: messageOf(error) });
    }
  }
}

function keyOf({ object, file }: Match): string {
  return `${object.content} ${file ? placeOf(file) : ''}`;
}

function placeOf({ device, inode }: DetectedFile): string {
  return `${device}:${inode}`;
}
