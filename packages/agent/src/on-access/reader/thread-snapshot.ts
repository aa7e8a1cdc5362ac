/** What a thread of watch knows, and how it learns of changes without ever waiting for a message. */
import { receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { RuleIndex } from '../../matching/rule-index.ts';
import { generation } from './pending-events.ts';
import type { Desk } from './pending-events.ts';
import type { ShieldMemory } from './protected-files.ts';
import type { VerdictMemory } from './digest-cache.ts';

export interface News {
  readonly rules?: SharedArrayBuffer;
  readonly shield?: ShieldMemory;
}

/** What a thread is born with. */
export interface Birth {
  readonly group: number;
  readonly number: number;
  readonly desk: Desk;
  readonly verdicts: VerdictMemory;
  readonly rules: SharedArrayBuffer;
  readonly shield: ShieldMemory;
  readonly news: MessagePort;
  /** Set to 1 when a reader is to begin. */
  readonly begun: Int32Array<SharedArrayBuffer>;
}

export class Knowledge {
  readonly #desk: Desk;
  readonly #news: MessagePort;
  #generation = -1;
  #index: RuleIndex;
  #shield: ShieldMemory;

  constructor({ desk, news, rules, shield }: Birth) {
    this.#desk = desk;
    this.#news = news;
    this.#index = new RuleIndex(rules);
    this.#shield = shield;
  }

  /** The generation of what is known now: whatever is decided belongs to it. */
  refresh(): number {
    // Asked before the messages are taken, so that at worst they are asked for once too often.
    const now = generation(this.#desk);
    if (now === this.#generation) return now;
    for (;;) {
      const received: { message: News } | undefined = receiveMessageOnPort(this.#news);
      if (!received) break;
      if (received.message.rules) this.#index = new RuleIndex(received.message.rules);
      if (received.message.shield) this.#shield = received.message.shield;
    }
    this.#generation = now;
    return now;
  }

  get index(): RuleIndex {
    return this.#index;
  }

  get shield(): ShieldMemory {
    return this.#shield;
  }

  isCurrent(decidedIn: number): boolean {
    return generation(this.#desk) === decidedIn;
  }
}
