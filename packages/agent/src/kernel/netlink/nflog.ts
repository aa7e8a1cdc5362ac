/**
 * Receives the copies of packets that `log` steps of our rules make (include/uapi/linux/netfilter/nfnetlink_log.h).
 *
 * As in change-listener.ts, SIGIO says that there is something to read. Copies that the kernel dropped are counted, and
 * no call reads more than its share: a flood of copies must not delay the enforcer.
 */
import type { Calls } from '../calls.ts';
import { attribute, attributesIn, flag, message, numberAttribute, numberOf, textOf, valueOf } from './netlink.ts';
import type { Message } from './netlink.ts';
import { NetlinkSocket, netlinkFamily, onSignal } from './socket.ts';

const subsystem = 4;
const packetType = subsystem << 8;
const configType = (subsystem << 8) | 1;
const config = { command: 1, mode: 2, timeout: 4, threshold: 5 } as const;
const bindCommand = 1;
const copyPackets = 2;
const attributes = { header: 1, payload: 9, prefix: 10, user: 11 } as const;
const longestCopy = 1024;
/** Copies wait for one another this long (in hundredths of a second), or until there are this many. */
const gathering = { time: 5, packets: 32 } as const;
const datagramsAtOnce = 64;

/** A copy of a packet, made by a rule of ours. */
export interface Seen {
  /** Of the rule. */
  readonly prefix: string;
  /** NF_INET_…: 0 prerouting, 1 input, 2 forward, 3 output, 4 postrouting. */
  readonly hook: number;
  /** From the IP header on, cut short. */
  readonly packet: Buffer;
  /** The sender's user; undefined for forwarded packets and those of the kernel. */
  readonly user: number | undefined;
}

export class PacketLog {
  readonly #socket: NetlinkSocket;
  readonly group: number;
  #seen: ((packet: Seen) => void) | undefined;
  #stop: (() => void) | undefined;
  #lost = 0;
  #closed = false;
  readonly #read = (): void => this.#receive();

  /** Takes the first of these groups that nobody else listens to. */
  constructor(calls: Calls, groups: readonly number[]) {
    this.#socket = new NetlinkSocket(calls, netlinkFamily.netfilter);
    try {
      this.group = this.#bindFirst(groups);
    } catch (error) {
      this.#socket.close();
      throw error;
    }
  }

  /** How many times the kernel had copies that it could not keep for us. */
  get lost(): number {
    return this.#lost;
  }

  listen(seen: (packet: Seen) => void): void {
    this.#seen = seen;
    this.#stop = onSignal(this.#read);
    this.#socket.subscribe([]);
    this.#receive();
  }

  close(): void {
    this.#closed = true;
    this.#stop?.();
    this.#socket.close();
  }

  #bindFirst(groups: readonly number[]): number {
    let answer = '';
    for (const group of groups) {
      const [refused] = this.#socket.transact(bindRequest(group));
      if (!refused) return group;
      // A group in use by somebody else answers in several ways, from EPERM to EBUSY.
      answer = refused.code;
    }
    throw new Error(`The kernel gives no group for copies of packets, from ${groups.join(', ')}: ${answer}.`);
  }

  #receive(): void {
    if (this.#closed) return;
    const messages = this.#messages();
    if (messages === undefined) this.#lost += 1;
    for (const one of messages ?? []) {
      const seen = seenIn(one);
      if (seen) this.#seen?.(seen);
    }
    // No signal comes for what is there already.
    if (messages !== undefined && messages.length >= datagramsAtOnce) setImmediate(this.#read);
  }

  /** Undefined when some of it is lost. Copies are optional: no failure to read them may end the process. */
  #messages(): Message[] | undefined {
    try {
      return this.#socket.received(datagramsAtOnce);
    } catch {
      return undefined;
    }
  }
}

/** Total: undefined for anything but a copy of a packet. */
export function seenIn({ type, payload }: Message): Seen | undefined {
  if (type !== packetType) return undefined;
  const found = attributesIn(payload.subarray(4));
  const [header, packet] = [valueOf(found, attributes.header), valueOf(found, attributes.payload)];
  if (header === undefined || header.length < 3 || !packet) return undefined;
  const user = numberOf(valueOf(found, attributes.user));
  return { prefix: textOf(valueOf(found, attributes.prefix)), hook: header.readUInt8(2), packet, user };
}

function bindRequest(group: number): Buffer {
  const mode = Buffer.alloc(6);
  mode.writeUInt32BE(longestCopy);
  mode.writeUInt8(copyPackets, 4);
  const head = Buffer.of(0, 0, group >> 8, group & 0xff);
  return message({ type: configType, flags: flag.request | flag.acknowledge, sequence: 1 }, [
    head,
    attribute(config.command, Buffer.of(bindCommand)),
    attribute(config.mode, mode),
    numberAttribute(config.timeout, gathering.time),
    numberAttribute(config.threshold, gathering.packets),
  ]);
}
