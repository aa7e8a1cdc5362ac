/** What a thread of on-access knows. It receives changes without ever waiting for a message. */
import { receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { RuleIndex } from '../../matching/rule-index.ts';
import { generation } from './pending-events.ts';
import type { PendingEvents } from './pending-events.ts';
import type { ProtectedFilesMemory } from './protected-files.ts';
import type { DigestMemory } from './digest-cache.ts';

export interface Update {
  readonly rules?: SharedArrayBuffer;
  readonly protectedFiles?: ProtectedFilesMemory;
}

/** What a thread starts with. */
export interface WorkerInit {
  readonly group: number;
  readonly number: number;
  readonly pendingEvents: PendingEvents;
  readonly digests: DigestMemory;
  readonly rules: SharedArrayBuffer;
  readonly protectedFiles: ProtectedFilesMemory;
  readonly updates: MessagePort;
  /** 1 when a reader may begin. */
  readonly begun: Int32Array<SharedArrayBuffer>;
}

export class ThreadSnapshot {
  readonly #pendingEvents: PendingEvents;
  readonly #updates: MessagePort;
  #generation = -1;
  #index: RuleIndex;
  #protectedFiles: ProtectedFilesMemory;

  constructor({ pendingEvents, updates, rules, protectedFiles }: WorkerInit) {
    this.#pendingEvents = pendingEvents;
    this.#updates = updates;
    this.#index = new RuleIndex(rules);
    this.#protectedFiles = protectedFiles;
  }

  /** Takes what is new. Returns the generation, to which each decision belongs. */
  refresh(): number {
    // Read before the messages are, so at worst they are read once too often.
    const now = generation(this.#pendingEvents);
    if (now === this.#generation) return now;
    for (;;) {
      const received: { message: Update } | undefined = receiveMessageOnPort(this.#updates);
      if (!received) break;
      if (received.message.rules) this.#index = new RuleIndex(received.message.rules);
      if (received.message.protectedFiles) this.#protectedFiles = received.message.protectedFiles;
    }
    this.#generation = now;
    return now;
  }

  get index(): RuleIndex {
    return this.#index;
  }

  get protectedFiles(): ProtectedFilesMemory {
    return this.#protectedFiles;
  }

  isCurrent(decidedIn: number): boolean {
    return generation(this.#pendingEvents) === decidedIn;
  }
}
