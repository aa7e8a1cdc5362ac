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

/** The receipt, if the signing key signed it for this agent and this enrolment; otherwise a message. */
export function openReceipt<K extends ReceiptKind>(
  kind: K,
  signed: SignedDocument,
  addressee: Addressee,
): DocumentOf<K> | { readonly refused: string } {
  let receipt: DocumentOf<K>;
  try {
    receipt = openDocument(kind, signed, addressee.signingKey);
  } catch (error) {
    return { refused: messageOf(error) };
  }
  const { agent, enrolment } = receipt;
  if (!sameGuid(agent, addressee.agent)) return { refused: `It is for agent ${agent}; this is ${addressee.agent}.` };
  if (sameGuid(enrolment, addressee.enrolment)) return receipt;
  return { refused: `It is for enrolment ${enrolment}, which is not the present one.` };
}

/** Up to where the spool may forget, or a message that says why it may not. */
export function judgeReceipt(
  signed: SignedDocument,
  addressee: Addressee,
  { spool, sent, recorded }: Spooled,
): { readonly upTo: number } | { readonly refused: string } {
  const receipt = openReceipt('detections-receipt', signed, addressee);
  if ('refused' in receipt) return receipt;
  const { sequence } = receipt;
  if (!sameGuid(receipt.spool, spool)) return { refused: `It is for spool ${receipt.spool}; this is ${spool}.` };
  if (sequence > sent) return { refused: `It names sequence ${sequence}; nothing after ${sent} was sent.` };
  if (sequence <= recorded) return { refused: `It names sequence ${sequence}; ${recorded} is recorded already.` };
  return { upTo: sequence };
}
