/** Seals on tasks: without a valid seal, which needs the master key, a row is not sent to an agent. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Sealer } from '../secrets/sealing.ts';

/** What is requested of one agent. */
export interface SealedTask {
  readonly task: string;
  readonly entity_id: string;
  readonly enrolment: string;
  readonly requested_at: number;
  readonly expires_at: number;
  /** JSON of the work. */
  readonly work: string;
}

export class TaskSeal {
  readonly #key: Buffer;

  constructor(sealer: Sealer) {
    this.#key = sealer.derive('tasks');
  }

  /** Base64, over everything that the task's document says to this agent. */
  of(asked: SealedTask): string {
    return this.sealing(asked.work)(asked);
  }

  /** `of` for many agents with the same work, which is hashed once. */
  sealing(work: string): (asked: Omit<SealedTask, 'work'>) => string {
    const digest = createHash('sha256').update(work).digest('hex');
    return (asked) => {
      const { task, entity_id: agent, enrolment, requested_at: at, expires_at: until } = asked;
      const text = JSON.stringify([task, agent.toLowerCase(), enrolment, at, until, digest]);
      return createHmac('sha256', this.#key).update(text).digest('base64');
    };
  }

  fits(asked: SealedTask & { readonly seal: string }): boolean {
    const [expected, given] = [Buffer.from(this.of(asked)), Buffer.from(asked.seal)];
    return expected.length === given.length && timingSafeEqual(expected, given);
  }
}
