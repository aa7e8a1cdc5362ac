/** Enrols this endpoint: makes its key, sends the request, verifies the first desired state, saves it all. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readEnrolAnswer, readEnrolmentToken } from '@cordon/protocol/channel';
import type { EnrolAnswer, EnrolmentToken } from '@cordon/protocol/channel';
import { isAnswered } from '../ipc/line-socket.ts';
import { verifyDesiredState } from '../enforcer/desired-state/verify.ts';
import type { VerifiedState } from '../enforcer/desired-state/verify.ts';
import { platformFor } from '../enforcer/platform.ts';
import { State } from '../enforcer/state/state.ts';
import { constantFacts, factsNow } from '../link/facts.ts';
import { socketPath, stateFolder } from '../ipc/paths.ts';
import type { Environment } from '../ipc/paths.ts';
import type { Problem } from '../problem.ts';
import { Refusal } from '../refusal.ts';
import { messageOf } from '../message-of.ts';
import { requestInChild } from './request-in-child.ts';

export interface Enrolled {
  readonly agent: string;
  readonly folder: string;
  readonly canIsolate: boolean;
  /** Why it cannot. */
  readonly unable: Problem;
}

export async function enrol(
  tokenText: string,
  options: { replace: boolean },
  environment: Environment,
): Promise<Enrolled> {
  const token = tokenFrom(tokenText);
  const state = new State(stateFolder(environment));
  await refuseIfTaken(state, options, environment);
  makeState(state);
  const isolation = platformFor(environment, state, () => undefined).openIsolation();
  isolation.close();
  const { unable } = isolation;
  const keys = generateKeyPairSync('ed25519');
  const facts = factsNow(constantFacts(environment), unable === undefined);
  const request = { secret: token.secret, publicKey: derOf(keys.publicKey), facts };
  const answer = readEnrolAnswer(await requestInChild({ token, request }));
  const first = firstDesiredState(answer, token);
  save(state, { token, answer, first, privateKey: keys.privateKey });
  return { agent: answer.agent, folder: state.folder, canIsolate: unable === undefined, unable };
}

function tokenFrom(text: string): EnrolmentToken {
  try {
    const token = readEnrolmentToken(text);
    if (token.expiresAt > Date.now()) return token;
    const at = new Date(token.expiresAt).toISOString();
    throw new Refusal(`This enrolment token expired at ${at}. Create a new one on the server.`);
  } catch (error) {
    throw new Refusal(messageOf(error));
  }
}

async function refuseIfTaken(state: State, { replace }: { replace: boolean }, environment: Environment): Promise<void> {
  const identity = replace ? undefined : state.identity();
  if (identity) {
    throw new Refusal(
      `This endpoint is enrolled already, as agent ${identity.agent}. To give it a new enrolment: cordon-agent enrol --replace <token>`,
    );
  }
  if (await isAnswered(socketPath(environment))) {
    throw new Refusal('The agent is running. Stop it first: systemctl stop cordon-agent.target');
  }
}

function makeState(state: State): void {
  try {
    state.make();
  } catch (error) {
    throw new Refusal(
      `The state folder ${state.folder} cannot be written: ${messageOf(error)}. Run as root, or set CORDON_AGENT_STATE to a folder of yours.`,
    );
  }
}

/** The answer came over the network: only what the token's signing key has signed for this very enrolment is trusted. */
function firstDesiredState(answer: EnrolAnswer, token: EnrolmentToken): VerifiedState {
  const signingKey = createPublicKey({ key: Buffer.from(token.signingKey, 'base64'), format: 'der', type: 'spki' });
  const verified = verifyDesiredState(
    answer.desired,
    { agent: answer.agent, enrolment: answer.enrolment, signingKey },
    undefined,
  );
  if (verified.kind === 'follow') return verified.next;
  const message = verified.kind === 'refuse' ? verified.message : '';
  throw new Refusal(`The server's first desired state is not valid; nothing was changed here. ${message}`);
}

interface Enrolment {
  readonly token: EnrolmentToken;
  readonly answer: EnrolAnswer;
  readonly first: VerifiedState;
  readonly privateKey: KeyObject;
}

/** The identity last: nothing runs without it, so a power cut in between leaves an endpoint that is not enrolled. */
function save(state: State, { token, answer, first, privateKey }: Enrolment): void {
  state.forgetEnrolment();
  state.saveDesired(first.signed);
  state.saveIdentity({
    agent: answer.agent,
    enrolment: answer.enrolment,
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    signingKey: token.signingKey,
    publicKeyPins: token.publicKeyPins,
    gateways: token.gateways,
    enrolledAt: Date.now(),
  });
}

function derOf(key: KeyObject): string {
  return key.export({ format: 'der', type: 'spki' }).toString('base64');
}
