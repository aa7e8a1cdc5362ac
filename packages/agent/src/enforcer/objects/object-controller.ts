/** Enforces the listed objects here, files through the workers and addresses in the kernel, and reports how. */
import type { DesiredState, ObjectEnforcementStatus, ObjectName, ObjectSettings } from '@cordon/protocol/channel';
import type { ObjectsStatus } from '../../ipc/control-messages.ts';
import type { AddressBlocking, DesiredObjects } from '../address-blocking/address-blocking.ts';
import type { Tasks } from '../tasks/tasks.ts';
import { FileEnforcement } from './file-enforcement.ts';
import type { FileEnforcementDeps } from './file-enforcement.ts';
import { allOff, isFile } from './file-rules.ts';
import type { ObjectList } from './object-list.ts';

/** Changes within this time are one report. */
const reportIntervalMs = 1000;

export interface ObjectDeps extends Omit<FileEnforcementDeps, 'listed' | 'sweepDue' | 'changed'> {
  readonly list: ObjectList;
  /** Calls `changed` when its status may have changed. */
  readonly openAddresses: (changed: () => void) => AddressBlocking;
  readonly tasks: () => Pick<Tasks, 'sweepSoon' | 'endListSweeps'>;
  /** From the enrolment: names or addresses. */
  readonly enrolledAt: readonly { readonly host: string }[];
  /** The status differs from the one reported. */
  readonly report: () => void;
}

export class ObjectController {
  readonly #deps: ObjectDeps;
  readonly files: FileEnforcement;
  readonly #addresses: AddressBlocking;
  #desired: Omit<DesiredObjects, 'objects'> | undefined;
  #reported = '';
  #isOpen = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: ObjectDeps) {
    const changed = (): void => this.#reportSoon();
    const sweepDue = (): void => deps.tasks().sweepSoon();
    this.#deps = deps;
    this.files = new FileEnforcement({ ...deps, listed: deps.list, sweepDue, changed });
    this.#addresses = deps.openAddresses(changed);
  }

  /** From now on, changes of the status are reported. */
  open(): void {
    this.#isOpen = true;
  }

  /** The settings of the newest genuine desired state. */
  follow({ installed, objects, gateways }: Pick<DesiredState, 'installed' | 'objects' | 'gateways'>): void {
    const before = this.files.settings;
    const settings = installed && objects ? objects : allOff;
    this.#followAddresses(settings, gateways);
    if (JSON.stringify(before) === JSON.stringify(settings)) return;
    this.files.apply(settings);
    if (before.sweep === settings.sweep) return;
    this.#deps.tasks().endListSweeps(`Sweeping was set to ${settings.sweep} for this endpoint.`);
    if (settings.sweep !== 'off') this.#deps.tasks().sweepSoon();
  }

  /** These are new, different or removed. */
  listChanged(names: readonly ObjectName[]): void {
    this.files.listChanged(names);
    if (!names.every(isFile)) this.#applyAddresses();
  }

  /** For the report; remembered, so that a change is reported once. */
  held(): ObjectEnforcementStatus {
    const { status } = this;
    this.#reported = JSON.stringify(status);
    return status;
  }

  get status(): ObjectEnforcementStatus {
    return { ...this.files.held, ...this.#addresses.state };
  }

  /** As root may ask for it here. */
  get controlStatus(): Pick<ObjectsStatus, 'settings' | 'held' | 'fileRules'> {
    return { settings: this.files.settings, held: this.status, fileRules: this.files.size };
  }

  /** What is in force in the kernel stays in force. */
  close(): void {
    this.#isOpen = false;
    clearTimeout(this.#timer);
    this.files.close();
    this.#addresses.close();
  }

  #followAddresses({ group, network }: ObjectSettings, gateways: DesiredState['gateways']): void {
    const hosts = [...gateways.map(({ address }) => address), ...this.#deps.enrolledAt.map(({ host }) => host)];
    const desired = { settings: { group, network }, gateways: hosts };
    if (JSON.stringify(desired) === JSON.stringify(this.#desired)) return;
    this.#desired = desired;
    this.#applyAddresses();
  }

  #applyAddresses(): void {
    if (this.#desired) this.#addresses.apply({ objects: this.#deps.list.list(), ...this.#desired });
  }

  #reportSoon(): void {
    if (!this.#isOpen || this.#timer || !this.#hasChanged) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#hasChanged) this.#deps.report();
    }, reportIntervalMs);
  }

  get #hasChanged(): boolean {
    return JSON.stringify(this.status) !== this.#reported;
  }
}
