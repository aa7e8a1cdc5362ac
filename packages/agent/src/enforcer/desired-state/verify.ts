/** Decides whether a wanted document is an order that this agent must follow. */
import type { KeyObject } from 'node:crypto';
import { openDocument } from '@cordon/protocol/channel';
import type { SignedDocument, Wanted } from '@cordon/protocol/channel';
import { policyOf } from '../isolation/policy.ts';
import type { Policy } from '../isolation/policy.ts';
import { sentenceOf } from '../../message-of.ts';

export interface Order {
  readonly wanted: Wanted;
  readonly signed: SignedDocument;
  readonly policy: Policy;
}

export interface Addressee {
  readonly agent: string;
  readonly enrolment: string;
  readonly orderKey: KeyObject;
}

export type Judgement =
  | { readonly judgement: 'follow'; readonly order: Order }
  /** The very order that is already being followed: report again. */
  | { readonly judgement: 'known' }
  | { readonly judgement: 'refuse'; readonly reason: RefusalReason; readonly sentence: string };

type RefusalReason =
  'document-invalid' | 'other-agent' | 'other-enrolment' | 'address-invalid' | 'epoch-old' | 'epoch-reused';

/** `current` is the order followed now; only a larger epoch replaces it. */
export function judge(signed: SignedDocument, addressee: Addressee, current: Order | undefined): Judgement {
  let wanted: Wanted;
  try {
    wanted = openDocument('wanted', signed, addressee.orderKey);
  } catch (error) {
    return refuse('document-invalid', sentenceOf(error));
  }
  if (!sameGuid(wanted.agent, addressee.agent)) {
    return refuse('other-agent', `This order is for agent ${wanted.agent}; this is ${addressee.agent}.`);
  }
  if (!sameGuid(wanted.enrolment, addressee.enrolment)) {
    return refuse('other-enrolment', `This order is for enrolment ${wanted.enrolment}, which is not the present one.`);
  }
  if (current && wanted.epoch <= current.wanted.epoch) return judgeOld(signed, wanted, current);
  try {
    return { judgement: 'follow', order: { wanted, signed, policy: policyFor(wanted) } };
  } catch (error) {
    return refuse('address-invalid', sentenceOf(error));
  }
}

/** Who is to be uninstalled is normal first: nobody would be left to restore it. */
function policyFor(wanted: Wanted): Policy {
  return policyOf(wanted.installed ? wanted : { ...wanted, isolation: 'normal' });
}

function judgeOld(signed: SignedDocument, wanted: Wanted, current: Order): Judgement {
  const epoch = current.wanted.epoch;
  if (wanted.epoch < epoch) {
    return refuse('epoch-old', `This order has epoch ${wanted.epoch}; this agent already follows epoch ${epoch}.`);
  }
  if (signed.document === current.signed.document) return { judgement: 'known' };
  return refuse('epoch-reused', `Two different orders have epoch ${epoch}; this agent follows the first it got.`);
}

function refuse(reason: RefusalReason, sentence: string): Judgement {
  return { judgement: 'refuse', reason, sentence };
}

export function sameGuid(one: string, other: string): boolean {
  return one.toUpperCase() === other.toUpperCase();
}
