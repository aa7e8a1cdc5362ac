/**
 * Turns copies of packets into detections, and reports equal ones within a minute once: the first at once, and the
 * count of the others when the minute is over.
 */
import { formatHexAddress } from '@cordon/protocol/addresses';
import type { ObjectEntry } from '@cordon/protocol/channel';
import type { Seen } from '../../kernel/netlink/nflog.ts';
import type { Match } from '../../ipc/worker-messages.ts';
import type { Matcher } from './matcher.ts';
import { packetIn } from './packet.ts';
import type { Packet } from './packet.ts';
import { questionIn, questionOverTcp } from './dns-question.ts';
import { prefixes } from '../address-blocking/ruleset.ts';

const windowMs = 60_000;
/** This many distinct ones in a minute are kept apart; further ones are reported as one for each object. */
const maxDistinct = 200;
const maxWindows = 2000;
const forwardHook = 2;
const urlRemark = 'The host of this URL was asked for. Whether the URL itself was opened cannot be seen from here.';
const manyRemark = 'There were so many within a minute that others are counted here, too.';

export interface PacketMatchesOptions {
  readonly matcher: () => Matcher;
  readonly now: () => number;
  /** '' when the user has no name here. */
  readonly userName: (id: number) => string;
  readonly onMatch: (match: Match) => void;
}

interface Window {
  readonly match: Match;
  readonly until: number;
  more: number;
}

export class PacketMatches {
  readonly #options: PacketMatchesOptions;
  readonly #windows = new Map<string, Window>();
  #uncounted = 0;

  constructor(options: PacketMatchesOptions) {
    this.#options = options;
  }

  /** Those that were neither reported nor counted, because there were too many distinct ones. */
  get uncounted(): number {
    return this.#uncounted;
  }

  add(seen: Seen): void {
    const packet = packetIn(seen.packet);
    if (!packet) return;
    if (seen.prefix === prefixes.name) return this.#addName(seen, packet);
    const action = seen.prefix === prefixes.block ? 'block' : 'log';
    const incoming = seen.hook < forwardHook;
    const address = incoming ? packet.source : packet.destination;
    const object = this.#options.matcher().address(address, action);
    // Was listed a moment ago.
    if (!object) return;
    const remote = {
      direction: incoming ? ('in' as const) : ('out' as const),
      protocol: packet.protocol,
      address: formatHexAddress(address),
      port: servicePort(packet),
      name: null,
    };
    const match = this.#matchOf(seen, object, {
      detectedBy: 'packet',
      action: action === 'block' ? 'blocked' : 'logged',
      remark: seen.hook === forwardHook ? `Forwarded for ${formatHexAddress(packet.source)}.` : null,
      remote,
    });
    this.#report(match, [remote.protocol, remote.address, remote.port].join(' '));
  }

  /** Reports the counts of the minutes that are over; with `all`, of every minute, at the end of the process. */
  flush(options: { all: boolean }): void {
    const now = this.#options.now();
    for (const [key, { match, until, more }] of this.#windows) {
      // The oldest come first. After a clock that was set back all of them are over.
      if (until > now && until - now <= windowMs && !options.all) break;
      this.#windows.delete(key);
      if (more > 0) this.#options.onMatch({ ...match, at: now, count: more });
    }
  }

  /** When the next minute is over. */
  get due(): number | undefined {
    const [first] = this.#windows.values();
    return first?.until;
  }

  #addName(seen: Seen, packet: Packet): void {
    const name = packet.protocol === 'tcp' ? questionOverTcp(packet.payload) : questionIn(packet.payload);
    if (name === undefined) return;
    for (const object of this.#options.matcher().name(name)) {
      const remote = {
        direction: 'out' as const,
        protocol: packet.protocol,
        address: formatHexAddress(packet.destination),
        port: packet.ports?.destination ?? null,
        name,
      };
      const remark = object.type === 'url' ? urlRemark : null;
      // A resolver on this host asks for its client: both are the same question.
      this.#report(this.#matchOf(seen, object, { detectedBy: 'name', action: 'logged', remark, remote }), name);
    }
  }

  #matchOf(
    { user }: Seen,
    { type, content }: ObjectEntry,
    rest: Pick<Match, 'detectedBy' | 'action' | 'remark' | 'remote'>,
  ): Match {
    return {
      at: this.#options.now(),
      object: { type, content },
      count: 1,
      file: null,
      process: null,
      user: user === undefined ? null : { id: user, name: '' },
      ...rest,
    };
  }

  #report(match: Match, what: string): void {
    this.flush({ all: false });
    const { object, action } = match;
    const of = `${action} ${object.type} ${object.content}`;
    // A packet from the destination of an earlier one is its answer, and is not reported.
    const known = [`${of} ${what} out`, `${of} ${what} in`].find((key) => this.#windows.has(key));
    const key = known ?? `${of} ${what} ${match.remote?.direction}`;
    if (known !== undefined || this.#windows.size < maxDistinct) return this.#count(key, match);
    this.#count(of, { ...match, remark: [match.remark, manyRemark].filter(Boolean).join(' ') });
  }

  #count(key: string, match: Match): void {
    const before = this.#windows.get(key);
    if (before) {
      before.more += 1;
      return;
    }
    if (this.#windows.size >= maxWindows) {
      this.#uncounted += 1;
      return;
    }
    const named = { ...match, user: match.user && this.#named(match.user) };
    this.#windows.set(key, { match: named, until: match.at + windowMs, more: 0 });
    this.#options.onMatch(named);
  }

  /** Looked up only for what is reported, not for every packet. */
  #named({ id }: { id: number }): Match['user'] {
    return { id, name: this.#options.userName(id) };
  }
}

/** The port that a connection is opened to; in the middle of a flow the smaller one, which is most likely it. */
function servicePort({ ports, begins }: Packet): number | null {
  if (!ports) return null;
  return begins ? ports.destination : Math.min(ports.source, ports.destination);
}
