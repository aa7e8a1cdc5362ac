/** An enforcer without processes around it: which desired states it gets, and what it reports. */
import { generateKeyPairSync } from 'node:crypto';
import { openDocument, signDocument } from '@cordon/protocol/channel';
import type { Report, SignedDocument, DesiredState } from '@cordon/protocol/channel';
import { assemble } from '../../packages/agent/src/enforcer/assemble.ts';
import type { Enforcer, EnforcerDeps } from '../../packages/agent/src/enforcer/assemble.ts';
import { nobody } from '../../packages/agent/src/enforcer/notices/user-notice.ts';
import { simulatedPlatform } from '../../packages/agent/src/enforcer/platform.ts';
import type { State } from '../../packages/agent/src/enforcer/state/state.ts';
import type { ToLink } from '../../packages/agent/src/ipc/link-messages.ts';

/** The server's signing key, and the agent's own key. */
export const signing = generateKeyPairSync('ed25519');
export const own = generateKeyPairSync('ed25519');
export const agent = '0A1B2C3D-0000-4000-8000-000000000001';
export const enrolment = '0A1B2C3D-0000-4000-8000-000000000002';

/** The identity of an agent that was enrolled here. */
export const identity = {
  agent,
  enrolment,
  privateKey: own.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  signingKey: signing.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  publicKeyPins: [`${'a'.repeat(43)}=`],
  gateways: [{ host: 'gateway.example', port: 8443 }],
  enrolledAt: 0,
};

/** As the process builds it, with at most four changes an hour, and a simulated platform unless the test has its own. */
export function assembled(state: State, given: Pick<EnforcerDeps, 'now' | 'send'> & Partial<EnforcerDeps>): Enforcer {
  const platform = simulatedPlatform(state);
  return assemble({
    identity,
    state,
    isolation: platform.openIsolation(),
    platform,
    changesAllowed: 4,
    notices: nobody,
    isProtected: () => state.isProtected,
    log: () => undefined,
    uninstalled: () => undefined,
    ...given,
  });
}

/** What the tests of desired states do with an enforcer. */
export type Started = Pick<Enforcer, 'handle'> & Pick<Enforcer['desiredState'], 'tick' | 'noticed' | 'breakGlass'>;

/** Started, without workers. */
export function startEnforcer(...given: Parameters<typeof assembled>): Started {
  const { handle, desiredState } = assembled(...given);
  desiredState.start();
  return {
    handle,
    tick: () => desiredState.tick(),
    noticed: () => desiredState.noticed(),
    breakGlass: (code) => desiredState.breakGlass(code),
  };
}

export function desiredOf(changes: Partial<DesiredState> & Pick<DesiredState, 'epoch'>): {
  type: 'desired';
  desired: SignedDocument;
} {
  const desired: DesiredState = {
    agent,
    enrolment,
    isolation: 'normal',
    installed: true,
    gateways: [{ server: agent, address: '192.0.2.1', port: 8443 }],
    publicKeyPins: [`${'a'.repeat(43)}=`],
    issuedAt: 0,
    ...changes,
  };
  return { type: 'desired', desired: signDocument('desired', desired, signing.privateKey) };
}

export function reportsIn(sent: readonly ToLink[]): Report[] {
  return sent.flatMap((one) => (one.type === 'report' ? [openDocument('report', one.report, own.publicKey)] : []));
}
