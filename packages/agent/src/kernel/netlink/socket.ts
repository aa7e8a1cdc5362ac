/** One netlink socket: sends a batch and says what the kernel made of it, or asks for a dump. */
import { getSystemErrorName } from 'node:util';
import type { Calls, Descriptor } from '../calls.ts';
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
const errno = { again: 11, interrupted: 4, overrun: 105 } as const;

export const netlinkFamily = { route: 0, netfilter: 12 } as const;

/** The kernel's "no", with the message of the batch it speaks of. */
export class KernelRefusal extends Error {
  readonly errno: number;
  readonly sequence: number;
  constructor(doing: string, refusal: { errno: number; sequence: number }) {
    super(`${doing}: the kernel answered ${nameOfErrno(refusal.errno)} (message ${refusal.sequence}).`);
    this.errno = refusal.errno;
    this.sequence = refusal.sequence;
  }
}

/** `EPERM` for 1. */
export function nameOfErrno(number: number): string {
  return getSystemErrorName(-number);
}

/**
 * Stays open as long as the agent lives: tables with the owner flag belong to this very socket, and the kernel
 * orphans them when it closes.
 */
export class NetlinkSocket {
  readonly #calls: Calls;
  readonly #socket: Descriptor;
  readonly #buffer = Buffer.allocUnsafeSlow(65_536);

  constructor(calls: Calls, family: number) {
    this.#calls = calls;
    this.#socket = calls.socket(addressFamilyNetlink, rawCloseOnExec, family);
    if (this.#socket < 0) throw new KernelRefusal('Opening a netlink socket', { errno: -this.#socket, sequence: 0 });
    // Nothing here may hang the enforcer: replies are made while we send, so a second is an eternity.
    this.#option(socketLevel, receiveTimeout, seconds(1));
    // 64 gateways on a host make a batch larger than the default 208 KiB.
    this.#option(socketLevel, sendBufferForce, word(4 << 20));
    this.#option(netlinkLevel, shortAcknowledgements, word(1));
  }

  /** The errors of a batch, by the sequence number of the message that earned them. Empty: all of it is in force. */
  transact(batch: Buffer): { sequence: number; errno: number }[] {
    this.#drain();
    this.#send(batch);
    const answers = this.#drain();
    const outcomes = answers.flatMap((one) => {
      const number = errnoOf(one);
      return number === undefined ? [] : [{ sequence: one.sequence, errno: number }];
    });
    if (outcomes.length === 0)
      throw new Error('The kernel neither took nor refused the rules; nothing is known of them.');
    return outcomes.filter((one) => one.errno !== 0);
  }

  /** All messages that answer a dump request. */
  dump(request: Buffer, doing: string): Message[] {
    // A list that changes while it is dumped is dumped again; three times in a row means somebody is busy with it.
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
    // A signal is no answer. The second attempt comes back with it, or with a time-out.
    if (answers?.length === 0) answers = this.#receive({ wait: true });
    const [answer] = answers ?? [];
    return answer === undefined || answer.type === control.error ? undefined : answer;
  }

  /** Hears of what happens in these groups from now on; `heard` is then to be called at every SIGIO. */
  subscribe(groups: readonly number[]): void {
    this.#calls.bind(this.#socket);
    this.join(groups);
    const signalled = this.#calls.signalWhenReadable(this.#socket);
    if (signalled < 0) throw new KernelRefusal('Listening to the kernel', { errno: -signalled, sequence: 0 });
  }

  join(groups: readonly number[]): void {
    for (const group of groups) {
      const option = { level: netlinkLevel, name: addMembership, value: word(group) };
      const joined = this.#calls.setOption(this.#socket, option);
      if (joined < 0) throw new KernelRefusal('Listening to the kernel', { errno: -joined, sequence: 0 });
    }
  }

  leave(groups: readonly number[]): void {
    for (const group of groups) this.#option(netlinkLevel, dropMembership, word(group));
  }

  /**
   * What was heard since the last time; undefined when it was so much that the kernel has thrown some away. After
   * `most` datagrams there may be more, of which no signal will tell.
   */
  heard(most = Infinity): Message[] | undefined {
    try {
      return this.#drain(most);
    } catch (error) {
      if (!(error instanceof KernelRefusal) || error.errno !== errno.overrun) throw error;
      this.#drain(most);
      return undefined;
    }
  }

  /** By which the kernel names this socket to others. */
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
        const number = errnoOf(one);
        if (number) throw new KernelRefusal(doing, { errno: number, sequence: one.sequence });
        if (one.type === control.done) return messages;
        messages.push(one);
      }
    }
  }

  #drain(most = Infinity): Message[] {
    const messages: Message[] = [];
    for (let datagrams = 0; datagrams < most; datagrams += 1) {
      const received = this.#receive({ wait: false });
      if (received === undefined) return messages;
      messages.push(...received);
    }
    return messages;
  }

  #receive(options: { wait: boolean }): Message[] | undefined {
    const size = this.#calls.receive(this.#socket, this.#buffer, options);
    if (size === -errno.again) return undefined;
    if (size === -errno.interrupted) return [];
    if (size < 0) throw new KernelRefusal('Reading from netlink', { errno: -size, sequence: 0 });
    // Copied, because the next read uses the same buffer.
    return messagesIn(Buffer.from(this.#buffer.subarray(0, size)));
  }

  #send(bytes: Buffer): void {
    const sent = this.#calls.send(this.#socket, bytes);
    if (sent < 0) throw new KernelRefusal('Sending to netlink', { errno: -sent, sequence: 0 });
  }

  /** Best effort: every option here is a comfort, and an old kernel may lack it. */
  #option(level: number, name: number, value: Buffer): void {
    this.#calls.setOption(this.#socket, { level, name, value });
  }
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
