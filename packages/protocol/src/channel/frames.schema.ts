/** The frames between agent and gateway. */
import { Type } from 'typebox';
import { SignedDocument } from './documents.schema.ts';
import { Guid, Milliseconds } from './scalars.schema.ts';

const Short = Type.String({ maxLength: 255 });

/** What an endpoint says about itself. Its text is hostile: always data, never markup or a path. */
export const EndpointFacts = Type.Object({
  hostName: Type.String({ minLength: 1, maxLength: 255 }),
  /** Literal IPv4 and IPv6 addresses, without loopback and link-local. */
  addresses: Type.Array(Type.String({ minLength: 2, maxLength: 45 }), { maxItems: 64 }),
  /** Six upper-case hex pairs joined by dashes, `00-0C-29-9B-AB-65`. */
  macs: Type.Array(Type.String({ pattern: '^[0-9A-F]{2}(-[0-9A-F]{2}){5}$' }), { maxItems: 64 }),
  product: Type.String({ minLength: 1, maxLength: 64 }),
  /** The operating system as its vendor prints it, `Debian GNU/Linux 12 (bookworm)`. */
  platform: Short,
  agentVersion: Type.String({ maxLength: 40 }),
  adDomain: Short,
  folder: Short,
  /** Whether this endpoint can isolate itself: root, and a kernel with nf_tables. */
  canIsolate: Type.Boolean(),
});

/** From the gateway to the agent. */
export const GatewayFrame = Type.Union([
  Type.Object({
    frame: Type.Literal('challenge'),
    version: Type.Integer({ minimum: 1 }),
    nonce: Type.String({ minLength: 16, maxLength: 64 }),
  }),
  Type.Object({ frame: Type.Literal('welcome'), server: Guid, objectsRevision: Type.Integer({ minimum: 0 }) }),
  Type.Object({ frame: Type.Literal('desired'), desired: SignedDocument }),
  /** The list has changed; an agent with a lower revision requests the later pages. */
  Type.Object({ frame: Type.Literal('objects-changed'), revision: Type.Integer({ minimum: 0 }) }),
  Type.Object({ frame: Type.Literal('objects'), page: SignedDocument }),
  /** The report that carried this `at` is stored. */
  Type.Object({ frame: Type.Literal('recorded'), at: Type.Integer({ minimum: 0 }) }),
  /** Something to do once; sent again on each new channel until its progress says that it is finished. */
  Type.Object({ frame: Type.Literal('task'), task: SignedDocument }),
  /** A `progress-receipt` for the progress that ends a task. Other progress is replaced by later progress and needs none. */
  Type.Object({ frame: Type.Literal('progress-recorded'), receipt: SignedDocument }),
  /** A `detections-receipt`, one for each batch; the agent may forget what it covers. */
  Type.Object({ frame: Type.Literal('detections-recorded'), receipt: SignedDocument }),
  Type.Object({
    frame: Type.Literal('refused'),
    reason: Type.String({ maxLength: 40 }),
    message: Type.String({ maxLength: 500 }),
  }),
]);

/** From the agent to the gateway. */
export const AgentFrame = Type.Union([
  Type.Object({
    frame: Type.Literal('hello'),
    version: Type.Integer({ minimum: 1 }),
    agent: Guid,
    /** Ed25519 over `helloBytes`, base64. */
    signature: Type.String({ minLength: 88, maxLength: 88 }),
    facts: EndpointFacts,
    /** Of the newest desired state that it has: two with the same epoch differ in their time. 0 before the first. */
    epoch: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    issuedAt: Milliseconds,
    objectsRevision: Type.Integer({ minimum: 0 }),
  }),
  Type.Object({ frame: Type.Literal('report'), report: SignedDocument }),
  Type.Object({ frame: Type.Literal('objects-after'), revision: Type.Integer({ minimum: 0 }) }),
  Type.Object({ frame: Type.Literal('progress'), progress: SignedDocument }),
  Type.Object({ frame: Type.Literal('detections'), detections: SignedDocument }),
]);
