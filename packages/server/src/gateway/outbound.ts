/** Sends changes to the agents connected to this node. */
import { setImmediate } from 'node:timers/promises';
import type { SealedDesiredState } from '../database/rows.ts';
import { sendFrame } from './connections.ts';
import type { Connection, Connections } from './connections.ts';
import type { DesiredStateSender } from './desired-state-sender.ts';
import type { SignedPages } from './signed-pages.ts';
import type { TaskSender } from './task-sender.ts';

export interface OutboundDeps {
  readonly connections: Connections;
  readonly desiredSender: DesiredStateSender;
  readonly taskSender: TaskSender;
  readonly pages: SignedPages;
  readonly desiredOf: (numbers: readonly number[]) => Promise<SealedDesiredState[]>;
  /** Loads other nodes' changes of profiles, groups and public keys, which complete the desired states. */
  readonly refresh: () => Promise<void>;
}

const sliceSize = 500;

export class Outbound {
  readonly #deps: OutboundDeps;
  #revision = -1;

  constructor(deps: OutboundDeps) {
    this.#deps = deps;
  }

  /** Sends desired states whose rows are already loaded. */
  async sendDesired(desired: readonly SealedDesiredState[]): Promise<void> {
    if (desired.length === 0) return;
    // After the rows were read: what completes them must not be older than the rows they complete.
    await this.#deps.refresh();
    await this.#deps.desiredSender.sendAll(desired);
  }

  async sendDesiredOf(numbers: readonly number[]): Promise<void> {
    const here = numbers.filter((number) => this.#deps.connections.get(number) !== undefined);
    if (here.length > 0) await this.sendDesired(await this.#deps.desiredOf(here));
  }

  /** Sends to one channel, unless the agent already has this desired state. */
  async sendDesiredTo(connection: Connection, desired: SealedDesiredState): Promise<void> {
    if (desired.desired_epoch <= connection.epoch) return;
    await this.#deps.refresh();
    this.#deps.desiredSender.send(connection, desired);
  }

  sendTask(task: string): Promise<void> {
    return this.#deps.taskSender.send(task);
  }

  /** Announces a new revision of the list once to every agent; agents that are behind request it. */
  async announceObjects(revision: number): Promise<void> {
    if (revision <= this.#revision) return;
    this.#revision = revision;
    this.#deps.pages.forget();
    let inSlice = 0;
    for (const { socket } of this.#deps.connections.all()) {
      sendFrame(socket, { frame: 'objects-changed', revision });
      inSlice += 1;
      if (inSlice % sliceSize === 0) await setImmediate();
    }
  }
}
