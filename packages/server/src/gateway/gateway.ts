/** The gateway: accepts agents' connections and keeps them alive. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { largestFrame } from '@cordon/protocol/channel';
import { Channel } from './channel.ts';
import type { ChannelDeps } from './channel.ts';
import type { Http } from '../http/server.ts';

const channelPath = '/agent/v1/channel';
const pingMilliseconds = 25_000;
const sliceSize = 500;
/** Channels without a hello so far; each costs a TLS session, so strangers get no more. */
const maxUngreeted = 2000;

export class Gateway {
  readonly #deps: Omit<ChannelDeps, 'log'>;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: largestFrame,
    perMessageDeflate: false,
    clientTracking: false,
  });
  readonly #channels = new Set<Channel>();
  readonly #timer: NodeJS.Timeout;
  #stopping = false;

  constructor(deps: Omit<ChannelDeps, 'log'>) {
    this.#deps = deps;
    this.#timer = setInterval(() => void this.#pingAll(), pingMilliseconds).unref();
  }

  /** Handles the upgrade requests of a listener; anything but an agent's channel is refused. */
  attach({ server, log }: Http): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const ungreeted = this.#channels.size - this.#deps.connections.size;
      if (request.url !== channelPath) return refuseUpgrade(socket, '404 Not Found');
      if (this.#stopping || ungreeted > maxUngreeted) return refuseUpgrade(socket, '503 Service Unavailable');
      this.#sockets.handleUpgrade(request, socket, head, (opened) => this.#open(opened, log));
    });
  }

  /** Closes every channel with the reason that the server stops; agents choose a delay and reconnect. */
  close(): void {
    this.#stopping = true;
    clearInterval(this.#timer);
    for (const channel of this.#channels) channel.refuse('stopping', 'This server is stopping.');
  }

  #open(socket: WebSocket, log: ChannelDeps['log']): void {
    const channel = new Channel(socket, { ...this.#deps, log });
    this.#channels.add(channel);
    socket.on('close', () => this.#channels.delete(channel));
  }

  /** A peer that sent nothing since the last ping, not even a pong, is disconnected. */
  async #pingAll(): Promise<void> {
    let inSlice = 0;
    for (const connection of this.#deps.connections.all()) {
      if (connection.alive) {
        connection.alive = false;
        connection.socket.once('pong', () => {
          connection.alive = true;
        });
        connection.socket.ping();
      } else connection.socket.terminate();
      inSlice += 1;
      if (inSlice % sliceSize === 0) await setImmediate();
    }
  }
}

function refuseUpgrade(socket: Duplex, status: string): void {
  // Node has removed its own listeners and time-outs: nothing else would close this connection or notice that it broke.
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
