/** Decides whether a receipt lets this agent forget something: link, which brings it, may be hostile. */
import { openDocument } from '@cordon/protocol/channel';
import type { DocumentOf, SignedDocument } from '@cordon/protocol/channel';
import { messageOf } from '../../message-of.ts';
import { sameGuid } from '../desired-state/verify.ts';
import type { Addressee } from '../desired-state/verify.ts';

type ReceiptKind = 'detections-receipt' | 'progress-receipt';

/** What is known here of the spool that the receipt should be about. */
export interface Spooled {
  readonly spool: string;
  /** The largest sequence that was handed out for the server since we started. */
  readonly sent: number;
  /** Everything up to here is already forgotten. */
  readonly recorded: number;
}

interface Refused {
  readonly kind: 'refused';
  readonly message: string;
}

/** The receipt, if the signing key signed it for this agent and this enrolment. */
export function openReceipt<K extends ReceiptKind>(
  kind: K,
  signed: SignedDocument,
  addressee: Addressee,
): { readonly kind: 'genuine'; readonly receipt: DocumentOf<K> } | Refused {
  let receipt: DocumentOf<K>;
  try {
    receipt = openDocument(kind, signed, addressee.signingKey);
  } catch (error) {
    return refuse(messageOf(error));
  }
  const { agent, enrolment } = receipt;
  if (!sameGuid(agent, addressee.agent)) return refuse(`It is for agent ${agent}; this is ${addressee.agent}.`);
  if (sameGuid(enrolment, addressee.enrolment)) return { kind: 'genuine', receipt };
  return refuse(`It is for enrolment ${enrolment}, which is not the current one.`);
}

/** Up to where the spool may forget. */
export function judgeReceipt(
  signed: SignedDocument,
  addressee: Addressee,
  { spool, sent, recorded }: Spooled,
): { readonly kind: 'recorded'; readonly upTo: number } | Refused {
  const opened = openReceipt('detections-receipt', signed, addressee);
  if (opened.kind === 'refused') return opened;
  const { receipt } = opened;
  const { sequence } = receipt;
  if (!sameGuid(receipt.spool, spool)) return refuse(`It is for spool ${receipt.spool}; this is ${spool}.`);
  if (sequence > sent) return refuse(`It names sequence ${sequence}; nothing after ${sent} was sent.`);
  if (sequence <= recorded) return refuse(`It names sequence ${sequence}; ${recorded} is recorded already.`);
  return { kind: 'recorded', upTo: sequence };
}

function refuse(message: string): Refused {
  return { kind: 'refused', message };
}
