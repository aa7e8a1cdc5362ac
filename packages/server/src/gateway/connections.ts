/** The agents connected to this node now, by number. */
import type { WebSocket } from 'ws';
import type { GatewayFrame } from '@cordon/protocol/channel';
import type { Arrived } from '../enrolment/arrival.ts';

/** One open channel. */
export interface Connection {
  readonly agent: Arrived;
  readonly socket: WebSocket;
  /** The newest epoch that was sent to it or that it reported. */
  epoch: number;
  /** The list revision it last reported. */
  objectsRevision: number;
  /** Names of the tasks sent to it on this channel. */
  readonly tasks: Set<string>;
  /** Whether anything was received since the last ping. */
  alive: boolean;
}

/** A peer that does not read is disconnected before its queue grows beyond this, bytes. */
const maxQueued = 4_000_000;

export class Connections {
  readonly #byNumber = new Map<number, Connection>();

  get size(): number {
    return this.#byNumber.size;
  }

  /** Adds a channel; returns the one it replaces. */
  add(connection: Connection): Connection | undefined {
    const before = this.#byNumber.get(connection.agent.number);
    this.#byNumber.set(connection.agent.number, connection);
    return before;
  }

  /** Removes a channel unless a newer one replaced it; true when the agent is now disconnected. */
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
