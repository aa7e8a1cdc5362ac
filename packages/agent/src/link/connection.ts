/** One WebSocket to one gateway over pinned TLS; ends when the gateway falls silent. */
import { isIPv6 } from 'node:net';
import { decodeGatewayFrame, largestFrame } from '@cordon/protocol/channel';
import type { AgentFrame, GatewayFrame } from '@cordon/protocol/channel';
import { WebSocket } from 'ws';
import type { RawData } from 'ws';
import { messageOf } from '../message-of.ts';
import { connectPinned } from './tls.ts';
import type { Pinned } from './tls.ts';

/** Gateways ping every 20 to 30 s; two lost ones in a row are a dead connection. */
const silenceTimeoutMs = 75_000;
const upgradeTimeoutMs = 10_000;

export interface Ending {
  readonly why: string;
  /** The reason that the gateway closed the channel with, or ''. */
  readonly reason: string;
}

export class Connection {
  /** Of the key that the gateway shows. */
  readonly publicKeyPin: string;
  readonly #socket: WebSocket;
  readonly #ended = Promise.withResolvers<Ending>();
  #silence: NodeJS.Timeout | undefined;

  /** `received` is called for each frame; anything that is no frame ends the connection. */
  static async open(to: Pinned, received: (frame: GatewayFrame) => void, signal: AbortSignal): Promise<Connection> {
    const { socket: tls, publicKeyPin } = await connectPinned(to, signal);
    const host = isIPv6(to.host) ? `[${to.host}]` : to.host;
    const socket = new WebSocket(`wss://${host}:${to.port}/agent/v1/channel`, {
      createConnection: () => tls,
      perMessageDeflate: false,
      maxPayload: largestFrame,
      handshakeTimeout: upgradeTimeoutMs,
    });
    return new Connection(socket, publicKeyPin, received);
  }

  private constructor(socket: WebSocket, publicKeyPin: string, received: (frame: GatewayFrame) => void) {
    this.#socket = socket;
    this.publicKeyPin = publicKeyPin;
    this.#resetSilence();
    socket.on('open', () => this.#resetSilence());
    socket.on('ping', () => this.#resetSilence());
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary, received));
    socket.on('error', (error) => this.#end(messageOf(error)));
    socket.on('close', (code, reason) => {
      this.#end(`The gateway closed the channel (${code}).`, reason.toString('utf8'));
    });
  }

  /** Why it ended, once it has. */
  get ended(): Promise<Ending> {
    return this.#ended.promise;
  }

  send(frame: AgentFrame): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  close(why: string): void {
    this.#end(why);
  }

  #receive(data: RawData, isBinary: boolean, received: (frame: GatewayFrame) => void): void {
    this.#resetSilence();
    const frame = isBinary || !Buffer.isBuffer(data) ? undefined : decodeGatewayFrame(data.toString('utf8'));
    if (frame) received(frame);
    else this.#end('The gateway sent something that is no frame.');
  }

  #resetSilence(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(
      () => this.#end(`The gateway was silent for ${silenceTimeoutMs / 1000} s.`),
      silenceTimeoutMs,
    );
  }

  #end(why: string, reason = ''): void {
    clearTimeout(this.#silence);
    this.#socket.terminate();
    this.#ended.resolve({ why, reason });
  }
}
