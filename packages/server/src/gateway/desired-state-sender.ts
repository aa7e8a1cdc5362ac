/** Signs desired states and sends them to connected agents. */
import { setImmediate } from 'node:timers/promises';
import { signDocument } from '@cordon/protocol/channel';
import type { Exception, GatewayAddress, ObjectSettings, SignedDocument, DesiredState } from '@cordon/protocol/channel';
import type { SealedDesiredState, DesiredRow } from '../database/rows.ts';
import type { DesiredStateSeal } from '../desired-state/seal.ts';
import type { SigningKey } from '../secrets/signing-key.ts';
import { sendFrame } from './connections.ts';
import type { Connection, Connections } from './connections.ts';

export interface DesiredStateSenderDeps {
  readonly connections: Connections;
  readonly key: SigningKey;
  readonly gatewaysFor: (home: string) => GatewayAddress[];
  /** The public keys that a gateway may show. */
  readonly publicKeyPins: () => readonly string[];
  /** The exceptions of a profile. */
  readonly openings: (profile: string | null) => { exceptions: readonly Exception[]; dhcp: boolean };
  /** How the agents of a group treat suspicious objects. */
  readonly objectsOf: (group: string) => ObjectSettings;
  /** Digest of the code that releases this isolation at the endpoint. */
  readonly breakGlass: (desired: DesiredRow) => string;
  readonly seal: DesiredStateSeal;
  /** Records a desired state that Cordon did not write. */
  readonly forged: (desired: SealedDesiredState) => void;
}

/** Signed and sent in one turn of the event loop: at most about 25 ms of signatures. */
const sliceSize = 250;

export class DesiredStateSender {
  readonly #deps: DesiredStateSenderDeps;

  constructor(deps: DesiredStateSenderDeps) {
    this.#deps = deps;
  }

  /** The signed desired state. The same row always gives the same text, so sending it twice changes nothing. */
  sign(desired: DesiredRow): SignedDocument {
    return signDocument(
      'desired',
      {
        agent: desired.entity_id,
        enrolment: desired.enrolment,
        epoch: desired.desired_epoch,
        isolation: desired.desired_isolation,
        installed: desired.desired_installed === 1,
        gateways: this.#deps.gatewaysFor(desired.server_id),
        publicKeyPins: [...this.#deps.publicKeyPins()],
        issuedAt: desired.desired_at,
        ...(desired.desired_isolation === 'isolated' ? this.#terms(desired) : {}),
        objects: this.#deps.objectsOf(desired.group_name),
      },
      this.#deps.key.privateKey,
    );
  }

  /** The isolation settings; what is not set is not in the document. */
  #terms(desired: DesiredRow): Partial<DesiredState> {
    const { exceptions, dhcp } = this.#deps.openings(desired.desired_profile);
    return {
      ...(desired.desired_deadline === null ? {} : { deadline: desired.desired_deadline }),
      ...(desired.desired_message === null ? {} : { message: desired.desired_message }),
      ...(exceptions.length === 0 ? {} : { exceptions: [...exceptions] }),
      ...(dhcp ? { dhcp } : {}),
      approvals: desired.desired_approvals,
      breakGlass: this.#deps.breakGlass(desired),
    };
  }

  /** Sends each desired state to its agent, if it is connected here and does not have it yet. */
  async sendAll(desiredStates: Iterable<SealedDesiredState>): Promise<void> {
    let inSlice = 0;
    for (const desired of desiredStates) {
      const connection = this.#deps.connections.get(desired.number);
      if (connection === undefined) continue;
      this.send(connection, desired);
      inSlice += 1;
      if (inSlice % sliceSize === 0) await setImmediate();
    }
  }

  send(connection: Connection, desired: SealedDesiredState): void {
    if (desired.desired_epoch <= connection.epoch) return;
    if (!this.#deps.seal.fits(desired)) return this.#deps.forged(desired);
    connection.epoch = desired.desired_epoch;
    sendFrame(connection.socket, { frame: 'desired', desired: this.sign(desired) });
  }
}
