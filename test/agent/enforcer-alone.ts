/** An enforcer without processes around it: which desired states it gets, and what it reports. */
import { generateKeyPairSync } from 'node:crypto';
import { openDocument, signDocument } from '@cordon/protocol/channel';
import type { Report, SignedDocument, DesiredState } from '@cordon/protocol/channel';
import { ChangeHistory } from '../../packages/agent/src/enforcer/desired-state/change-history.ts';
import { Enforcer } from '../../packages/agent/src/enforcer/enforcer.ts';
import { ObjectList } from '../../packages/agent/src/enforcer/objects/object-list.ts';
import { nobody } from '../../packages/agent/src/enforcer/notices/user-notice.ts';
import type { State } from '../../packages/agent/src/enforcer/state/state.ts';
import type { EnforcerDeps } from '../../packages/agent/src/enforcer/deps.ts';
import type { ToLink } from '../../packages/agent/src/ipc/link-messages.ts';

/** The server's signing key, and the agent's own key. */
export const order = generateKeyPairSync('ed25519');
export const own = generateKeyPairSync('ed25519');
export const agent = '0A1B2C3D-0000-4000-8000-000000000001';
export const enrolment = '0A1B2C3D-0000-4000-8000-000000000002';

/** The identity of an agent that was enrolled here. */
export const identity = {
  agent,
  enrolment,
  privateKey: own.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  signingKey: order.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  fingerprint: 'a'.repeat(64),
  gateways: [{ host: 'gateway.example', port: 8443 }],
  enrolledAt: 0,
};

const off = { state: 'off', message: null } as const;
const nothingInForce = {
  follow: () => undefined,
  listChanged: () => undefined,
  connected: () => undefined,
  handle: () => undefined,
  reportedStatus: () => ({ onAccess: off, sweep: off, network: off, names: off }),
};

/** Started, with at most four changes an hour, nobody to report to, and nothing listed in force. */
export function startEnforcer(
  state: State,
  given: Pick<EnforcerDeps, 'enforcement' | 'now' | 'send'> & Partial<EnforcerDeps>,
): Enforcer {
  const enforcer = new Enforcer({
    identity,
    state,
    objects: new ObjectList(state.objects, order.publicKey),
    objectEnforcement: nothingInForce,
    changes: new ChangeHistory(state, 4),
    notices: nobody,
    isProtected: () => state.isProtected,
    log: () => undefined,
    uninstalled: () => undefined,
    ...given,
  });
  enforcer.start();
  return enforcer;
}

export function orderOf(changes: Partial<DesiredState> & Pick<DesiredState, 'epoch'>): {
  type: 'desired';
  desired: SignedDocument;
} {
  const desired: DesiredState = {
    agent,
    enrolment,
    isolation: 'normal',
    installed: true,
    gateways: [{ server: agent, address: '192.0.2.1', port: 8443 }],
    issuedAt: 0,
    ...changes,
  };
  return { type: 'desired', desired: signDocument('desired', desired, order.privateKey) };
}

export function reportsIn(sent: readonly ToLink[]): Report[] {
  return sent.flatMap((one) => (one.type === 'report' ? [openDocument('report', one.report, own.publicKey)] : []));
}
