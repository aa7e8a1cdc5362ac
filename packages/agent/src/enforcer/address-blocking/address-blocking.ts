/** Enforces listed addresses and names on this endpoint: applies them, verifies them, and reports who matched. */
import type { ObjectEntry, ObjectEnforcementStatus } from '@cordon/protocol/channel';
import type { Seen } from '../../kernel/netlink/nflog.ts';
import type { Log } from '../../log.ts';
import type { Match } from '../../ipc/worker-messages.ts';
import { attempt } from '../attempt.ts';
import { messageOf } from '../../message-of.ts';
import type { Problem } from '../../problem.ts';
import { entriesFrom } from './entries.ts';
import type { Entries, NetworkSettings } from './entries.ts';
import type { AddressKernel, DesiredAddresses } from './address-kernel.ts';
import { DueTime, ReconcileLoop } from '../../reconcile.ts';
import { Matcher } from '../names/matcher.ts';
import { exemptAddresses } from './exempt-addresses.ts';
import { PacketMatches } from '../names/packet-matches.ts';
import { namesState, networkState } from './status.ts';

export interface DesiredObjects {
  /** Everything on the list, of any type. */
  readonly objects: readonly ObjectEntry[];
  /** Only group and mode are read. */
  readonly settings: NetworkSettings;
  /** The literal addresses of the servers: from the desired state, from the enrolment, and the connected one. */
  readonly gateways: readonly string[];
}

/** The part of the agent's report on objects that belongs here. */
export type AddressStatus = Pick<ObjectEnforcementStatus, 'network' | 'names' | 'exempt'>;

export interface AddressBlockingOptions {
  readonly kernel: AddressKernel;
  readonly now: () => number;
  readonly log: Log;
  readonly userName: (id: number) => string;
  readonly onMatch: (match: Match) => void;
  /** The state may have changed. */
  readonly changed: () => void;
}

/** The kernel announces changes; this is for what it does not announce. */
const verifyIntervalMs = 15_000;
const verifyAfterChangeMs = 1000;
const retryMs = 5000;
/** Where containers run, devices come and go by the dozen; a long list is not read again for each of them. */
const quietMs = 250;
const nothing: DesiredObjects = { objects: [], settings: { group: 'default', network: 'off' }, gateways: [] };

export class AddressBlocking {
  readonly #options: AddressBlockingOptions;
  readonly #kernel: AddressKernel;
  readonly #packetMatches: PacketMatches;
  #desired = nothing;
  #entries: Entries;
  #matcher: Matcher;
  /** The inputs of the entries; the same inputs need no second look. */
  #madeOf: { readonly desired: DesiredObjects; readonly own: string } | undefined;
  #problem: Problem;
  readonly #due = new DueTime(verifyIntervalMs);
  #verifiedAt = 0;
  readonly #loop: ReconcileLoop;
  #reportedLost = 0;
  #begun = false;

  constructor(options: AddressBlockingOptions) {
    const { kernel, now, log, userName } = options;
    // Receiving a detection may fail (a full disk, say). That must not end the process that holds the table.
    const onMatch = (match: Match): void => attempt(log, 'reporting a match', () => options.onMatch(match));
    this.#options = options;
    this.#loop = new ReconcileLoop({ name: 'listed addresses', log: options.log, reconcile: () => this.#run() });
    this.#kernel = kernel;
    this.#entries = entriesFrom([], { settings: nothing.settings, now: now(), kept: [] });
    this.#matcher = new Matcher(this.#entries);
    this.#packetMatches = new PacketMatches({ matcher: () => this.#matcher, now, userName, onMatch });
    const changed = (): void => {
      this.#due.bringForward(Math.max(now(), this.#verifiedAt + quietMs));
      this.#loop.runIn(0);
    };
    const copied = (packet: Seen): void => attempt(log, 'packet', () => this.#packetMatches.add(packet));
    this.#attempt('listening', () => kernel.watch({ changed, copied }));
  }

  /** Idempotent. Never throws: a failure is in `state`, and is retried. */
  apply(desired: DesiredObjects): void {
    this.#desired = desired;
    this.#begun = true;
    this.#applyEntries();
    this.#loop.runIn(0);
    this.#options.changed();
  }

  /** Applies expiry, verifies what is in force, and restores it. Returns the milliseconds until the next run. */
  tick(): number {
    const { now } = this.#options;
    this.#packetMatches.flush({ all: false });
    this.#reportLoss();
    const expired = (this.#entries.nextExpiry ?? Infinity) <= now();
    if (this.#begun && (expired || this.#due.isDue(now()))) this.#reconcile();
    const due = [
      this.#begun ? now() + this.#due.waitMs(now()) : Infinity,
      this.#entries.nextExpiry,
      this.#packetMatches.due,
    ];
    const next = Math.min(...due.map((at) => at ?? Infinity)) - now();
    return Math.max(0, Math.min(next, verifyIntervalMs));
  }

  get state(): AddressStatus {
    const kernel = this.#kernel;
    const situation = {
      mode: this.#desired.settings.network,
      entries: this.#entries,
      unable: kernel.unable ?? this.#problem,
      shortfall: kernel.shortfall,
      begun: this.#begun,
    };
    const { leftOpen } = this.#entries;
    const isInForce = kernel.unable === undefined && leftOpen.objects.length > 0;
    return {
      network: networkState(situation),
      names: namesState(situation),
      ...(isInForce ? { exempt: leftOpen } : {}),
    };
  }

  /** What is in force in the kernel stays in force. */
  close(): void {
    this.#loop.stop();
    this.#packetMatches.flush({ all: true });
    this.#kernel.close();
  }

  #run(): number {
    const waitMs = this.tick();
    this.#options.changed();
    return waitMs;
  }

  #reconcile(): void {
    const kernel = this.#kernel;
    this.#verifiedAt = this.#options.now();
    const different = this.#attempt('looking', () => kernel.difference());
    this.#applyEntries();
    if (different === undefined || this.#problem !== undefined) return;
    this.#options.log('listed addresses put back', { message: different });
  }

  #applyEntries(): void {
    const kernel = this.#kernel;
    const own = this.#attempt('addresses', () => kernel.ownAddresses()) ?? [];
    this.#renew(own);
    this.#problem = undefined;
    const { networks, names, sets } = this.#entries;
    const desired: DesiredAddresses | undefined =
      networks.length + names.length === 0 ? undefined : { sets, names: names.length > 0 };
    const changed = this.#attempt('listed addresses', () => kernel.apply(desired)) ?? false;
    // What the kernel accepted is soon read back and compared.
    const intervalMs = changed ? verifyAfterChangeMs : verifyIntervalMs;
    this.#due.scheduleIn(this.#problem === undefined ? intervalMs : retryMs, this.#options.now());
  }

  /** The list may be long, so it is not scanned without need. */
  #renew(own: readonly string[]): void {
    const desired = this.#desired;
    const { objects, settings, gateways } = desired;
    const now = this.#options.now();
    const madeOf = { desired, own: [...own].sort().join(' ') };
    const same = this.#madeOf?.desired === desired && this.#madeOf.own === madeOf.own;
    if (same && (this.#entries.nextExpiry ?? Infinity) > now) return;
    this.#madeOf = madeOf;
    this.#entries = entriesFrom(objects, { settings, now, kept: exemptAddresses({ gateways, own }) });
    this.#matcher = new Matcher(this.#entries);
  }

  /** The detections are then a sample, and readers of the counts should know. */
  #reportLoss(): void {
    const { lost } = this.#kernel;
    const { uncounted } = this.#packetMatches;
    if (lost + uncounted === this.#reportedLost) return;
    this.#reportedLost = lost + uncounted;
    this.#options.log('copies of packets lost', { lost, uncounted });
  }

  #attempt<T>(what: string, act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      const message = messageOf(error);
      if (message !== this.#problem) this.#options.log('failed', { what, message });
      this.#problem = message;
      return undefined;
    }
  }
}
