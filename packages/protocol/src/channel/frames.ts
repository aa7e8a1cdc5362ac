/**
 * The frames between agent and gateway: JSON text messages on one WebSocket over TLS at `/agent/v1/channel`.
 *
 * Diary (newest last; old agents keep working, a test holds each earlier version):
 * 1  2026-11-22  challenge/hello/welcome, wanted, report/recorded, objects-changed/objects-after/objects, refused.
 * 2  2026-11-22  wanted: deadline, exceptions, dhcp, message, approvals, breakGlass; report: lifted, tampering;
 *                objects: issuedAt. All optional, so that version 1 on either end goes on as before.
 * 3  2026-11-22  wanted: objects (settings of the group); objects: enforceIn, confirmed; report: objects, with what is spared of it;
 *                task/progress/progress-recorded, detections/detections-recorded, sent to and by version 3 only;
 *                what is recorded is a receipt, signed with the order key.
 */
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { SignedDocument } from './documents.ts';
import { Guid } from './values.ts';

/** The version this code speaks. */
export const channelVersion = 3;

/** The largest frame either side accepts, in bytes. */
export const largestFrame = 1_000_000;

const Short = Type.String({ maxLength: 255 });

/** What an endpoint says of itself. Text from endpoints is hostile: it is data everywhere, never markup or a path. */
export const EndpointFacts = Type.Object({
  hostName: Type.String({ minLength: 1, maxLength: 255 }),
  /** Literal IPv4 and IPv6 addresses, loopback and link-local left out. */
  addresses: Type.Array(Type.String({ minLength: 2, maxLength: 45 }), { maxItems: 64 }),
  /** Six upper-case hex pairs joined by dashes, `00-0C-29-9B-AB-65`. */
  macs: Type.Array(Type.String({ pattern: '^[0-9A-F]{2}(-[0-9A-F]{2}){5}$' }), { maxItems: 64 }),
  product: Type.String({ minLength: 1, maxLength: 64 }),
  /** Operating system as its maker prints it, `Debian GNU/Linux 12 (bookworm)`. */
  platform: Short,
  agentVersion: Type.String({ maxLength: 40 }),
  adDomain: Short,
  folder: Short,
  /** Whether this endpoint can isolate itself: root, and a kernel with nf_tables. */
  canIsolate: Type.Boolean(),
});
export type EndpointFacts = Static<typeof EndpointFacts>;

/** From the gateway to the agent. */
export const GatewayFrame = Type.Union([
  Type.Object({
    frame: Type.Literal('challenge'),
    version: Type.Integer({ minimum: 1 }),
    nonce: Type.String({ minLength: 16, maxLength: 64 }),
  }),
  Type.Object({ frame: Type.Literal('welcome'), server: Guid, objectsRevision: Type.Integer({ minimum: 0 }) }),
  Type.Object({ frame: Type.Literal('desired'), desired: SignedDocument }),
  /** The list has changed; an agent whose revision is lower asks for what follows its own. */
  Type.Object({ frame: Type.Literal('objects-changed'), revision: Type.Integer({ minimum: 0 }) }),
  Type.Object({ frame: Type.Literal('objects'), page: SignedDocument }),
  /** The report that carried this `at` is stored. */
  Type.Object({ frame: Type.Literal('recorded'), at: Type.Integer({ minimum: 0 }) }),
  /** A thing to do once; sent again on each new channel until its progress says that it is finished. */
  Type.Object({ frame: Type.Literal('task'), task: SignedDocument }),
  /** A `progress-receipt`, for a progress that ends a task: others are replaced by a later one, and nobody waits for them. */
  Type.Object({ frame: Type.Literal('progress-recorded'), receipt: SignedDocument }),
  /** A `detections-receipt`, one for each batch; the agent may forget what it names. */
  Type.Object({ frame: Type.Literal('detections-recorded'), receipt: SignedDocument }),
  Type.Object({
    frame: Type.Literal('refused'),
    reason: Type.String({ maxLength: 40 }),
    message: Type.String({ maxLength: 500 }),
  }),
]);
export type GatewayFrame = Static<typeof GatewayFrame>;

/** From the agent to the gateway. */
export const AgentFrame = Type.Union([
  Type.Object({
    frame: Type.Literal('hello'),
    version: Type.Integer({ minimum: 1 }),
    agent: Guid,
    /** Ed25519 over `helloBytes`, base64. */
    signature: Type.String({ minLength: 88, maxLength: 88 }),
    facts: EndpointFacts,
    epoch: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    objectsRevision: Type.Integer({ minimum: 0 }),
  }),
  Type.Object({ frame: Type.Literal('report'), report: SignedDocument }),
  Type.Object({ frame: Type.Literal('objects-after'), revision: Type.Integer({ minimum: 0 }) }),
  Type.Object({ frame: Type.Literal('progress'), progress: SignedDocument }),
  Type.Object({ frame: Type.Literal('detections'), detections: SignedDocument }),
]);
export type AgentFrame = Static<typeof AgentFrame>;

/** Why a gateway closes a channel; the agent decides by it whether to come back. */
export type ChannelRefusal =
  | 'hello-late'
  | 'hello-invalid'
  | 'frame-invalid'
  /** Unknown here, removed, or enrolled anew elsewhere. The agent keeps its state and keeps trying, slowly. */
  | 'agent-unknown'
  | 'replaced'
  | 'too-many'
  | 'stopping';

const gatewayFrame = Compile(GatewayFrame);
const agentFrame = Compile(AgentFrame);

/** Total: a frame, or undefined for anything else whatever. */
export function decodeGatewayFrame(text: string): GatewayFrame | undefined {
  const value = parsed(text);
  return gatewayFrame.Check(value) ? value : undefined;
}

/** Total: a frame, or undefined for anything else whatever. */
export function decodeAgentFrame(text: string): AgentFrame | undefined {
  const value = parsed(text);
  return agentFrame.Check(value) ? value : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Hostile input is expected here; the caller answers it.
  }
}
