/** The agents that are connected to this node right now, by number. */
import type { WebSocket } from 'ws';
import type { GatewayFrame } from '@cordon/protocol/channel';
import type { Arrived } from '../enrolment/arrival.ts';

/** One open channel. */
export interface Connection {
  readonly agent: Arrived;
  readonly socket: WebSocket;
  /** The newest epoch that was sent to it or that it said it holds. */
  epoch: number;
  /** The revision of the list that it last reported. */
  objectsRevision: number;
  /** Names of the tasks that it was sent on this channel. */
  readonly tasks: Set<string>;
  /** Whether anything was heard since the last ping. */
  alive: boolean;
}

/** A peer that does not read is cut off before its queue costs more than this, bytes. */
const maxQueued = 4_000_000;

export class Connections {
  readonly #byNumber = new Map<number, Connection>();

  get size(): number {
    return this.#byNumber.size;
  }

  /** Adds a channel; returns the one that it replaces. */
  add(connection: Connection): Connection | undefined {
    const before = this.#byNumber.get(connection.agent.number);
    this.#byNumber.set(connection.agent.number, connection);
    return before;
  }

  /** Removes a channel unless a newer one took its place; true when the agent is no longer connected. */
  remove(connection: Connection): boolean {
    if (this.#byNumber.get(connection.agent.number) !== connection) return false;
    this.#byNumber.delete(connection.agent.number);
    return true;
  }

  get(number: number): Connection | undefined {
    return this.#byNumber.get(number);
  }

  all(): IterableIterator<Connection> {
    return this.#byNumber.values();
  }
}

/** Sends a frame, unless the peer has stopped reading. */
export function sendFrame(socket: WebSocket, frame: GatewayFrame): void {
  if (socket.bufferedAmount > maxQueued) socket.terminate();
  else socket.send(JSON.stringify(frame));
}
