/**
 * Notices at once when another program changes a table of ours, or when network devices and addresses change.
 *
 * The kernel announces it on netlink, and a SIGIO wakes the event loop: no thread waits, and nothing is polled. What is
 * missed here is found when the enforcer verifies its tables every two seconds.
 */
import type { Calls } from '../calls.ts';
import { attributesIn, textOf, valueOf } from './netlink.ts';
import type { Message } from './netlink.ts';
import { NetlinkSocket, netlinkFamily, onSignal } from './socket.ts';

/** NFNLGRP_NFTABLES; RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR and RTNLGRP_IPV6_IFADDR. */
const groups = { tables: [7], devices: [1, 5, 9] } as const;
const tableNameOfAll = 1;
const nftables = 10;

export interface ChangeListenerOptions {
  /** The netlink port of our own socket, whose changes are ignored. */
  readonly ownPort: () => number;
  readonly tableName: string;
  readonly changed: () => void;
}

export class ChangeListener {
  /** All of this process. */
  static readonly #open = new Set<ChangeListener>();
  readonly #tables: NetlinkSocket;
  readonly #devices: NetlinkSocket;
  readonly #options: ChangeListenerOptions;
  readonly #stop: () => void;

  constructor(calls: Calls, options: ChangeListenerOptions) {
    this.#options = options;
    this.#tables = new NetlinkSocket(calls, netlinkFamily.netfilter);
    this.#devices = new NetlinkSocket(calls, netlinkFamily.route);
    this.#stop = onSignal(() => this.#receive());
    this.#tables.subscribe(groups.tables);
    this.#devices.subscribe(groups.devices);
    ChangeListener.#open.add(this);
  }

  /**
   * Makes a very large change. The kernel announces each element to each listener, which takes thirty times as long as
   * the change itself; so none listens meanwhile, and all verify afterwards.
   */
  static unheard<T>(act: () => T): T {
    for (const one of ChangeListener.#open) one.#tables.leave(groups.tables);
    try {
      return act();
    } finally {
      for (const one of ChangeListener.#open) {
        one.#tables.join(groups.tables);
        setImmediate(() => ChangeListener.#open.has(one) && one.#options.changed());
      }
    }
  }

  close(): void {
    ChangeListener.#open.delete(this);
    this.#stop();
    this.#tables.close();
    this.#devices.close();
  }

  #receive(): void {
    const tables = this.#tables.received();
    const devices = this.#devices.received();
    const { ownPort, tableName, changed } = this.#options;
    const own = ownPort();
    const touched = tables === undefined || tables.some((one) => one.port !== own && speaksOf(one, tableName));
    if (touched || devices === undefined || devices.length > 0) changed();
  }
}

/** Tables, chains and rules all name their table in the first attribute. */
function speaksOf({ type, payload }: Message, tableName: string): boolean {
  return type >> 8 === nftables && textOf(valueOf(attributesIn(payload.subarray(4)), tableNameOfAll)) === tableName;
}
