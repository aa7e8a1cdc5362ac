/**
 * Signs the documents that server and agent send each other, and opens them.
 *
 * A signed document travels as the exact text that was signed: nobody parses and serialises it in between. The kind is
 * part of what is signed, so a report cannot pass as a desired state.
 */
import { createHash, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Shape } from '../shape/shape.ts';
import { detectionBatchShape } from './detections.shape.ts';
import type { DetectionBatch } from './detections.shape.ts';
import { desiredStateShape, objectsPageShape, reportShape } from './documents.shape.ts';
import type { DesiredState, ObjectsPage, Report, SignedDocument } from './documents.shape.ts';
import { detectionsReceiptShape, progressReceiptShape } from './receipts.shape.ts';
import type { DetectionsReceipt, ProgressReceipt } from './receipts.shape.ts';
import { progressShape, taskShape } from './tasks.shape.ts';
import type { Progress, Task } from './tasks.shape.ts';

interface Documents {
  desired: DesiredState;
  objects: ObjectsPage;
  report: Report;
  task: Task;
  progress: Progress;
  detections: DetectionBatch;
  'detections-receipt': DetectionsReceipt;
  'progress-receipt': ProgressReceipt;
}

const shapes: { readonly [K in keyof Documents]: Shape<Documents[K]> } = {
  desired: desiredStateShape,
  objects: objectsPageShape,
  report: reportShape,
  task: taskShape,
  progress: progressShape,
  detections: detectionBatchShape,
  'detections-receipt': detectionsReceiptShape,
  'progress-receipt': progressReceiptShape,
};

export type DocumentKind = keyof Documents;
export type DocumentOf<K extends DocumentKind> = Documents[K];

/** Signs `value` as a document of `kind` with an Ed25519 private key. */
export function signDocument<K extends DocumentKind>(kind: K, value: DocumentOf<K>, key: KeyObject): SignedDocument {
  const document = JSON.stringify(value);
  return { document, signature: sign(null, signedBytes(kind, document), key).toString('base64') };
}

/**
 * Opens a signed document, or throws an Error that says what is wrong. The signature is checked before the text is
 * parsed. The caller checks who it is for and whether its epoch is new.
 */
export function openDocument<K extends DocumentKind>(kind: K, signed: SignedDocument, key: KeyObject): DocumentOf<K> {
  const signature = Buffer.from(signed.signature, 'base64');
  if (!verify(null, signedBytes(kind, signed.document), key, signature)) {
    throw new Error(`The signature of this ${kind} document does not fit the pinned key.`);
  }
  const value: unknown = JSON.parse(signed.document);
  const problem = shapes[kind].problem(value);
  if (problem !== undefined) throw new Error(`The ${kind} document is signed but malformed: ${problem}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the shape of this very kind has checked it
  return value as DocumentOf<K>;
}

/** What an agent signs to open its channel: the server's nonce, bound to the public key that the agent sees. */
export function helloBytes(hello: { agent: string; nonce: string; publicKeyPin: string }): Buffer {
  return Buffer.from(`cordon hello 1\n${hello.agent.toUpperCase()}\n${hello.nonce}\n${hello.publicKeyPin}`);
}

/** SHA-256 of a public key as SubjectPublicKeyInfo in DER, standard base64: what agents pin, and curl's `sha256//`. */
export function publicKeyPinOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}

function signedBytes(kind: DocumentKind, document: string): Buffer {
  return Buffer.from(`cordon ${kind} 1\n${document}`);
}
