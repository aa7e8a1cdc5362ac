/** Orders: what is wanted of an agent, signed and sent to it where it is connected. */
import { setImmediate } from 'node:timers/promises';
import { signDocument } from '@cordon/protocol/channel';
import type { Exception, GatewayAddress, ObjectSettings, SignedDocument, Wanted } from '@cordon/protocol/channel';
import type { SealedWish, Wish } from '../agents/rows.ts';
import type { WishSeal } from '../agents/wish-seal.ts';
import type { OrderKey } from '../secrets/order-key.ts';
import { sendFrame } from './connections.ts';
import type { Connection, Connections } from './connections.ts';

export interface OrdersParts {
  readonly connections: Connections;
  readonly key: OrderKey;
  readonly gatewaysFor: (home: string) => GatewayAddress[];
  /** What a profile lets through. */
  readonly openings: (profile: string | null) => { exceptions: readonly Exception[]; dhcp: boolean };
  /** How the agents of a group treat suspicious objects. */
  readonly objectsOf: (group: string) => ObjectSettings;
  /** Takes in what other nodes have changed of profiles and groups, which orders are made from. */
  readonly refresh: () => Promise<void>;
  /** Digest of the code that lifts this isolation at the endpoint. */
  readonly breakGlass: (wish: Wish) => string;
  readonly seal: WishSeal;
  /** Hears of a wish that somebody else has written. */
  readonly forged: (wish: SealedWish) => void;
}

/** Signed and sent in one turn of the event loop: some 25 ms of signatures at most. */
const sliceSize = 250;

export class Orders {
  readonly #parts: OrdersParts;

  constructor(parts: OrdersParts) {
    this.#parts = parts;
  }

  /**
   * The signed order of a wish. The same wish gives the same text every time, so sending it twice tells an agent
   * nothing new.
   */
  order(wish: Wish): SignedDocument {
    return signDocument(
      'wanted',
      {
        agent: wish.entity_id,
        enrolment: wish.enrolment,
        epoch: wish.wanted_epoch,
        isolation: wish.wanted_isolation,
        installed: wish.wanted_installed === 1,
        gateways: this.#parts.gatewaysFor(wish.server_id),
        issuedAt: wish.wanted_at,
        ...(wish.wanted_isolation === 'isolated' ? this.#terms(wish) : {}),
        objects: this.#parts.objectsOf(wish.group_name),
      },
      this.#parts.key.privateKey,
    );
  }

  /** How the isolation is to be; what is not said is not in the document. */
  #terms(wish: Wish): Partial<Wanted> {
    const { exceptions, dhcp } = this.#parts.openings(wish.wanted_profile);
    return {
      ...(wish.wanted_deadline === null ? {} : { deadline: wish.wanted_deadline }),
      ...(wish.wanted_message === null ? {} : { message: wish.wanted_message }),
      ...(exceptions.length === 0 ? {} : { exceptions: [...exceptions] }),
      ...(dhcp ? { dhcp } : {}),
      approvals: wish.wanted_approvals,
      breakGlass: this.#parts.breakGlass(wish),
    };
  }

  /** Sends each wish to its agent if that is connected here and has not heard of it. */
  async tell(wishes: Iterable<SealedWish>): Promise<void> {
    // After the wishes were read: what they are filled in from must not be older than they are.
    await this.#parts.refresh();
    let inSlice = 0;
    for (const wish of wishes) {
      const connection = this.#parts.connections.get(wish.number);
      if (connection === undefined) continue;
      this.#send(connection, wish);
      inSlice += 1;
      if (inSlice % sliceSize === 0) await setImmediate();
    }
  }

  /** Sends a wish to one agent, unless it has heard of it. */
  async tellOne(connection: Connection, wish: SealedWish): Promise<void> {
    if (wish.wanted_epoch <= connection.epoch) return;
    await this.#parts.refresh();
    this.#send(connection, wish);
  }

  #send(connection: Connection, wish: SealedWish): void {
    if (wish.wanted_epoch <= connection.epoch) return;
    if (!this.#parts.seal.fits(wish)) return this.#parts.forged(wish);
    connection.epoch = wish.wanted_epoch;
    sendFrame(connection.socket, { frame: 'wanted', wanted: this.order(wish) });
  }
}
