/** Gives the list to the enforcement of addresses and names, wakes it when due, and receives its detections. */
import { isIP } from 'node:net';
import type { ObjectName, ObjectSettings, DesiredState } from '@cordon/protocol/channel';
import type { AddressStatus, AddressBlocking, AddressBlockingOptions } from '../address-blocking/address-blocking.ts';
import type { Match } from '../../ipc/worker-messages.ts';
import { isFile } from './file-rules.ts';
import type { Listed } from './rule-set.ts';

export type AddressEvents = Pick<AddressBlockingOptions, 'onMatch' | 'noticed'>;

export interface AddressEnforcementDeps {
  readonly open: (events: AddressEvents) => AddressBlocking;
  readonly objects: Listed;
  /** From the enrolment: names or addresses. */
  readonly enrolledAt: readonly { readonly host: string }[];
  readonly found: (match: Match) => void;
  readonly changed: () => void;
}

export class AddressEnforcement {
  readonly #deps: AddressEnforcementDeps;
  readonly #network: AddressBlocking;
  #settings: ObjectSettings | undefined;
  #gateways: readonly string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(deps: AddressEnforcementDeps) {
    this.#deps = deps;
    this.#network = deps.open({ onMatch: deps.found, noticed: () => this.#wakeIn(0) });
  }

  follow(settings: ObjectSettings, gateways: DesiredState['gateways']): void {
    const before = [this.#settings?.group, this.#settings?.network, this.#gateways].join(' ');
    this.#settings = settings;
    const enrolled = this.#deps.enrolledAt.map(({ host }) => host).filter((host) => isIP(host) !== 0);
    this.#gateways = [...gateways.map(({ address }) => address), ...enrolled];
    if (before !== [settings.group, settings.network, this.#gateways].join(' ')) this.#apply();
  }

  listChanged(names: readonly ObjectName[]): void {
    if (this.#settings && !names.every(isFile)) this.#apply();
  }

  get state(): AddressStatus {
    return this.#network.state;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#network.close();
  }

  #apply(): void {
    const { objects } = this.#deps;
    if (!this.#settings) return;
    this.#network.apply({ objects: objects.list(), settings: this.#settings, gateways: this.#gateways });
    this.#wakeIn(0);
    this.#deps.changed();
  }

  #wakeIn(milliseconds: number): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#wakeIn(this.#network.tick());
      this.#deps.changed();
    }, milliseconds);
  }
}
