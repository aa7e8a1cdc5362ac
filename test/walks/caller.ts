/**
 * A client that calls without pause, and records what it asked and what was answered.
 *
 * If the answer for an object never came, it sends the object again, as any careful client does.
 */
import { createHash } from 'node:crypto';
import { CordonError } from '@cordon/sdk';
import type { Client } from '@cordon/sdk';

type DesiredRow = 'isolate' | 'restore';

interface ObjectCall {
  readonly content: string;
  readonly send: () => Promise<unknown>;
}

export class Caller {
  /** The agent that only this client isolates and releases. */
  readonly hostName: string;
  readonly #client: Client;
  readonly #random: () => number;
  readonly #desiredStates: { readonly act: DesiredRow; answered: boolean }[] = [];
  readonly #answered = new Set<string>();
  #calls = 0;
  #unanswered: ObjectCall | undefined;

  constructor(parts: { hostName: string; client: Client; random: () => number }) {
    this.hostName = parts.hostName;
    this.#client = parts.client;
    this.#random = parts.random;
  }

  get calls(): number {
    return this.#calls;
  }

  /** Contents of the objects that the server has acknowledged. */
  get answeredObjects(): readonly string[] {
    return [...this.#answered];
  }

  /** The object that may or may not be listed, because the answer never came. */
  get doubtfulObjects(): readonly string[] {
    return this.#unanswered === undefined ? [] : [this.#unanswered.content];
  }

  /** Matches this agent's commands in order, as `I` and `R`: one for each answered call. */
  get commands(): RegExp {
    const letters = this.#desiredStates.map(
      ({ act, answered }) => `${act === 'isolate' ? 'I' : 'R'}${answered ? '' : '?'}`,
    );
    return new RegExp(`^${letters.join('')}$`);
  }

  /** The possible desired states: by the last answered call, and by unanswered ones after it that may have arrived. */
  get possibleDesired(): readonly string[] {
    const last = this.#desiredStates.findLastIndex(({ answered }) => answered);
    const states = { isolate: 'isolated', restore: 'normal' } as const;
    const possible = this.#desiredStates.slice(Math.max(0, last)).map(({ act }) => states[act]);
    return last === -1 ? ['normal', ...possible] : possible;
  }

  /** Calls until the connection is cut. Any other failure is thrown. */
  async callUntilCut(): Promise<void> {
    try {
      for (;;) await this.#callOnce();
    } catch (error) {
      if (!(error instanceof CordonError) || error.kind !== 'network') throw error;
    }
  }

  async #callOnce(): Promise<void> {
    this.#calls += 1;
    if (this.#unanswered !== undefined) return this.#sendObject(this.#unanswered);
    const dice = this.#random();
    if (dice < 0.5) return this.#desired(dice < 0.25 ? 'isolate' : 'restore');
    const object = dice < 0.75 ? this.#newObject() : this.#newFile();
    this.#unanswered = object;
    await this.#sendObject(object);
  }

  async #desired(act: DesiredRow): Promise<void> {
    const desired = { act, answered: false };
    this.#desiredStates.push(desired);
    await this.#client.agents[act]({ hostName: this.hostName });
    desired.answered = true;
  }

  async #sendObject(object: ObjectCall): Promise<void> {
    await object.send();
    this.#answered.add(object.content);
    this.#unanswered = undefined;
  }

  #newObject(): ObjectCall {
    const content = `${this.hostName}-${this.#calls}.example`;
    return { content, send: () => this.#client.objects.add({ type: 'domain', content, action: 'block' }) };
  }

  #newFile(): ObjectCall {
    const bytes = Buffer.from(`${this.hostName} ${this.#calls}`);
    const content = createHash('sha1').update(bytes).digest('hex').toUpperCase();
    const file = { name: `${this.#calls}.bin`, content: bytes, action: 'quarantine' } as const;
    return { content, send: () => this.#client.objects.addFile(file) };
  }
}
