/** Decides whether a document is a desired state that this agent must follow. */
import type { KeyObject } from 'node:crypto';
import { openDocument } from '@cordon/protocol/channel';
import type { SignedDocument, DesiredState } from '@cordon/protocol/channel';
import { policyOf } from '../isolation/policy.ts';
import type { Policy } from '../isolation/policy.ts';
import { messageOf } from '../../message-of.ts';

export interface VerifiedState {
  readonly desired: DesiredState;
  readonly signed: SignedDocument;
  readonly policy: Policy;
}

export interface Addressee {
  readonly agent: string;
  readonly enrolment: string;
  readonly signingKey: KeyObject;
}

export type Verification =
  | { readonly kind: 'follow'; readonly next: VerifiedState }
  /** The desired state that is already followed: report again. */
  | { readonly kind: 'known' }
  | { readonly kind: 'refuse'; readonly reason: RefusalReason; readonly message: string };

type RefusalReason =
  'document-invalid' | 'other-agent' | 'other-enrolment' | 'address-invalid' | 'epoch-old' | 'epoch-reused';

/** `current` is the one followed now; only a larger epoch replaces it. */
export function verifyDesiredState(
  signed: SignedDocument,
  addressee: Addressee,
  current: VerifiedState | undefined,
): Verification {
  let desired: DesiredState;
  try {
    desired = openDocument('desired', signed, addressee.signingKey);
  } catch (error) {
    return refuse('document-invalid', messageOf(error));
  }
  if (!sameGuid(desired.agent, addressee.agent)) {
    return refuse('other-agent', `This desired state is for agent ${desired.agent}; this is ${addressee.agent}.`);
  }
  if (!sameGuid(desired.enrolment, addressee.enrolment)) {
    return refuse(
      'other-enrolment',
      `This desired state is for enrolment ${desired.enrolment}, which is not the current one.`,
    );
  }
  if (current && desired.epoch <= current.desired.epoch) return judgeOld(signed, desired, current);
  try {
    return { kind: 'follow', next: { desired, signed, policy: policyFor(desired) } };
  } catch (error) {
    return refuse('address-invalid', messageOf(error));
  }
}

/** An endpoint to be uninstalled becomes normal first: nothing would be left to release it. */
function policyFor(desired: DesiredState): Policy {
  return policyOf(desired.installed ? desired : { ...desired, isolation: 'normal' });
}

function judgeOld(signed: SignedDocument, desired: DesiredState, current: VerifiedState): Verification {
  const epoch = current.desired.epoch;
  if (desired.epoch < epoch) {
    return refuse(
      'epoch-old',
      `This desired state has epoch ${desired.epoch}; this agent already follows epoch ${epoch}.`,
    );
  }
  if (signed.document === current.signed.document) return { kind: 'known' };
  return refuse(
    'epoch-reused',
    `Two different desired states have epoch ${epoch}; this agent follows the first it got.`,
  );
}

function refuse(reason: RefusalReason, message: string): Verification {
  return { kind: 'refuse', reason, message };
}

export function sameGuid(one: string, other: string): boolean {
  return one.toUpperCase() === other.toUpperCase();
}
