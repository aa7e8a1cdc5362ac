/** Generated from frames.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { anyOf, boolean, integer, list, object, oneOf, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { guidShape, millisecondsShape } from './scalars.shape.ts';
import type { Guid, Milliseconds } from './scalars.shape.ts';
import { signedDocumentShape } from './documents.shape.ts';
import type { SignedDocument } from './documents.shape.ts';

/** What an endpoint says about itself. Its text is hostile: always data, never markup or a path. */
export interface EndpointFacts {
  hostName: string;
  /** Literal IPv4 and IPv6 addresses, without loopback and link-local. */
  addresses: string[];
  /** Six upper-case hex pairs joined by dashes, `00-0C-29-9B-AB-65`. */
  macs: string[];
  product: string;
  /** The operating system as its vendor prints it, `Debian GNU/Linux 12 (bookworm)`. */
  platform: string;
  agentVersion: string;
  adDomain: string;
  folder: string;
  /** Whether this endpoint can isolate itself: root, and a kernel with nf_tables. */
  canIsolate: boolean;
}
export const endpointFactsShape: Shape<EndpointFacts> = object({
  hostName: text({ min: 1, max: 255 }),
  addresses: list(text({ min: 2, max: 45 }), { max: 64 }),
  macs: list(text({ pattern: '^[0-9A-F]{2}(-[0-9A-F]{2}){5}$' }), { max: 64 }),
  product: text({ min: 1, max: 64 }),
  platform: text({ max: 255 }),
  agentVersion: text({ max: 40 }),
  adDomain: text({ max: 255 }),
  folder: text({ max: 255 }),
  canIsolate: boolean(),
});

/** From the gateway to the agent. */
export type GatewayFrame =
  | { frame: 'challenge'; version: number; nonce: string }
  | { frame: 'welcome'; server: Guid; objectsRevision: number }
  | { frame: 'desired'; desired: SignedDocument }
  | { frame: 'objects-changed'; revision: number }
  | { frame: 'objects'; page: SignedDocument }
  | { frame: 'recorded'; at: number }
  | { frame: 'task'; task: SignedDocument }
  | { frame: 'progress-recorded'; receipt: SignedDocument }
  | { frame: 'detections-recorded'; receipt: SignedDocument }
  | { frame: 'refused'; reason: string; message: string };
export const gatewayFrameShape: Shape<GatewayFrame> = anyOf(
  object({ frame: oneOf(['challenge']), version: integer({ min: 1 }), nonce: text({ min: 16, max: 64 }) }),
  object({ frame: oneOf(['welcome']), server: guidShape, objectsRevision: integer({ min: 0 }) }),
  object({ frame: oneOf(['desired']), desired: signedDocumentShape }),
  object({ frame: oneOf(['objects-changed']), revision: integer({ min: 0 }) }),
  object({ frame: oneOf(['objects']), page: signedDocumentShape }),
  object({ frame: oneOf(['recorded']), at: integer({ min: 0 }) }),
  object({ frame: oneOf(['task']), task: signedDocumentShape }),
  object({ frame: oneOf(['progress-recorded']), receipt: signedDocumentShape }),
  object({ frame: oneOf(['detections-recorded']), receipt: signedDocumentShape }),
  object({ frame: oneOf(['refused']), reason: text({ max: 40 }), message: text({ max: 500 }) }),
);

/** From the agent to the gateway. */
export type AgentFrame =
  | {
      frame: 'hello';
      version: number;
      agent: Guid;
      /** Ed25519 over `helloBytes`, base64. */
      signature: string;
      facts: EndpointFacts;
      /** Of the newest desired state that it has: two with the same epoch differ in their time. 0 before the first. */
      epoch: number;
      issuedAt: Milliseconds;
      objectsRevision: number;
    }
  | { frame: 'report'; report: SignedDocument }
  | { frame: 'objects-after'; revision: number }
  | { frame: 'progress'; progress: SignedDocument }
  | { frame: 'detections'; detections: SignedDocument };
export const agentFrameShape: Shape<AgentFrame> = anyOf(
  object({
    frame: oneOf(['hello']),
    version: integer({ min: 1 }),
    agent: guidShape,
    signature: text({ min: 88, max: 88 }),
    facts: endpointFactsShape,
    epoch: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    issuedAt: millisecondsShape,
    objectsRevision: integer({ min: 0 }),
  }),
  object({ frame: oneOf(['report']), report: signedDocumentShape }),
  object({ frame: oneOf(['objects-after']), revision: integer({ min: 0 }) }),
  object({ frame: oneOf(['progress']), progress: signedDocumentShape }),
  object({ frame: oneOf(['detections']), detections: signedDocumentShape }),
);
