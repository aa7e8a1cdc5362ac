/** One netlink socket: sends a batch and returns its errors, or asks for a dump. */
import { getSystemErrorName } from 'node:util';
import type { Calls, Descriptor } from '../calls.ts';
import { SystemCallError } from '../library.ts';
import { control, errnoOf, flag, messagesIn } from './netlink.ts';
import type { Message } from './netlink.ts';

const addressFamilyNetlink = 16;
const rawCloseOnExec = 0x3 | 0x80000;
const socketLevel = 1;
const receiveTimeout = 20;
const sendBufferForce = 32;
const netlinkLevel = 270;
const shortAcknowledgements = 10;
const addMembership = 1;
const dropMembership = 2;

export const netlinkFamily = { route: 0, netfilter: 12 } as const;

/** Calls `read` at each SIGIO, until what it returns is called. Unhandled, a SIGIO ends the process: one handler stays. */
export function onSignal(read: () => void): () => void {
  if (!process.listeners('SIGIO').includes(ignore)) process.on('SIGIO', ignore);
  process.on('SIGIO', read);
  return () => process.off('SIGIO', read);
}

function ignore(): void {}

/** One message of a batch or a dump that the kernel refused. */
export interface KernelRefusal {
  readonly sequence: number;
  /** `EPERM` and the like. */
  readonly code: string;
}

export function refusalError(doing: string, { code, sequence }: KernelRefusal): Error {
  return new Error(`${doing}: the kernel answered ${code} (message ${sequence}).`);
}

/**
 * Stays open as long as the agent runs: tables with the owner flag belong to this very socket, and the kernel
 * orphans them when it closes.
 */
export class NetlinkSocket {
  readonly #calls: Calls;
  readonly #socket: Descriptor;
  readonly #buffer = Buffer.allocUnsafeSlow(65_536);

  constructor(calls: Calls, family: number) {
    this.#calls = calls;
    this.#socket = calls.socket(addressFamilyNetlink, rawCloseOnExec, family);
    // Nothing here may hang the enforcer. The kernel replies while we send, so a second is ample.
    this.#option(socketLevel, receiveTimeout, seconds(1));
    // 64 gateways on a host make a batch larger than the default 208 KiB.
    this.#option(socketLevel, sendBufferForce, word(4 << 20));
    this.#option(netlinkLevel, shortAcknowledgements, word(1));
  }

  /** What was refused of a batch. Empty: all of it is in force. */
  transact(batch: Buffer): KernelRefusal[] {
    this.#drain();
    this.#send(batch);
    const answers = this.#drain().filter((one) => errnoOf(one) !== undefined);
    if (answers.length === 0)
      throw new Error('The kernel neither accepted nor refused the rules; their state is unknown.');
    return answers.flatMap((one) => refusalIn(one) ?? []);
  }

  /** All messages that answer a dump request. */
  dump(request: Buffer, doing: string): Message[] {
    // A list that changes while it is dumped is dumped again; three times in a row means that somebody keeps changing
    // it.
    for (let attempt = 0; attempt < 3; attempt += 1) {
      this.#drain();
      this.#send(request);
      const messages = this.#untilDone(doing);
      if (messages.every((one) => (one.flags & flag.interrupted) === 0)) return messages;
    }
    throw new Error(`${doing}: the rules changed three times while they were being read; try again.`);
  }

  /** The one message that answers a question; undefined when the answer is an error. */
  ask(request: Buffer): Message | undefined {
    this.#drain();
    this.#send(request);
    let answers = this.#receive({ wait: true });
    // A signal interrupts the wait. The second attempt returns the answer, or times out.
    if (answers?.length === 0) answers = this.#receive({ wait: true });
    const [answer] = answers ?? [];
    return answer === undefined || answer.type === control.error ? undefined : answer;
  }

  /** Receives what these groups announce from now on; call `received` at every SIGIO (`onSignal`). */
  subscribe(groups: readonly number[]): void {
    this.#calls.bind(this.#socket);
    this.join(groups);
    this.#calls.signalWhenReadable(this.#socket);
  }

  join(groups: readonly number[]): void {
    for (const group of groups)
      this.#calls.setOption(this.#socket, { level: netlinkLevel, name: addMembership, value: word(group) });
  }

  leave(groups: readonly number[]): void {
    for (const group of groups) this.#option(netlinkLevel, dropMembership, word(group));
  }

  /**
   * What was received since the last time; undefined when it was so much that the kernel has dropped some. After
   * `maxDatagrams` there may be more, and no signal announces it.
   */
  received(maxDatagrams = Infinity): Message[] | undefined {
    try {
      return this.#drain(maxDatagrams);
    } catch (error) {
      if (!(error instanceof SystemCallError) || error.code !== 'ENOBUFS') throw error;
      this.#drain(maxDatagrams);
      return undefined;
    }
  }

  /** The port by which the kernel names this socket to others. */
  get port(): number {
    return this.#calls.portOf(this.#socket);
  }

  close(): void {
    this.#calls.close(this.#socket);
  }

  #untilDone(doing: string): Message[] {
    const messages: Message[] = [];
    for (;;) {
      const received = this.#receive({ wait: true });
      if (received === undefined) throw new Error(`${doing}: the kernel did not finish its answer within 1 s.`);
      for (const one of received) {
        const refusal = refusalIn(one);
        if (refusal) throw refusalError(doing, refusal);
        if (one.type === control.done) return messages;
        messages.push(one);
      }
    }
  }

  #drain(maxDatagrams = Infinity): Message[] {
    const messages: Message[] = [];
    for (let datagrams = 0; datagrams < maxDatagrams; datagrams += 1) {
      const received = this.#receive({ wait: false });
      if (received === undefined) return messages;
      messages.push(...received);
    }
    return messages;
  }

  #receive(options: { wait: boolean }): Message[] | undefined {
    const size = this.#calls.receive(this.#socket, this.#buffer, options);
    if (size === 'EAGAIN') return undefined;
    if (size === 'EINTR') return [];
    // Copied, because the next read uses the same buffer.
    return messagesIn(Buffer.from(this.#buffer.subarray(0, size)));
  }

  #send(bytes: Buffer): void {
    this.#calls.send(this.#socket, bytes);
  }

  /** Best effort: an old kernel may lack any of these, and works without. */
  #option(level: number, name: number, value: Buffer): void {
    try {
      this.#calls.setOption(this.#socket, { level, name, value });
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
    }
  }
}

function refusalIn(one: Message): KernelRefusal | undefined {
  const errno = errnoOf(one);
  return errno ? { sequence: one.sequence, code: getSystemErrorName(-errno) } : undefined;
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function seconds(count: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64LE(BigInt(count));
  return bytes;
}
