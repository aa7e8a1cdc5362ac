/**
 * Decodes the frames between agent and gateway: JSON text messages on one WebSocket over TLS at `/agent/v1/channel`.
 *
 * Diary (newest last; a test holds each earlier version, so that old agents keep working):
 * 1  2026-12-01  challenge/hello/welcome, desired, report/recorded, objects-changed/objects-after/objects,
 *                task/progress/progress-recorded, detections/detections-recorded, refused. Receipts are signed.
 */
import { fits } from '../shape/shape.ts';
import { agentFrameShape, gatewayFrameShape } from './frames.shape.ts';
import type { AgentFrame, GatewayFrame } from './frames.shape.ts';

/** The version this code speaks. */
export const channelVersion = 1;

/** The largest frame either side accepts, in bytes. */
export const largestFrame = 1_000_000;

/** Why a gateway closes a channel; the agent decides from it whether to reconnect. */
export type ChannelRefusal =
  | 'hello-late'
  | 'hello-invalid'
  | 'frame-invalid'
  /** Unknown here, removed, or enrolled again elsewhere. The agent keeps its state and retries slowly. */
  | 'agent-unknown'
  | 'replaced'
  | 'too-many'
  | 'stopping';

/** Total: a frame, or undefined for anything else. */
export function decodeGatewayFrame(text: string): GatewayFrame | undefined {
  const value = parsed(text);
  return fits(gatewayFrameShape, value) ? value : undefined;
}

/** Total: a frame, or undefined for anything else. */
export function decodeAgentFrame(text: string): AgentFrame | undefined {
  const value = parsed(text);
  return fits(agentFrameShape, value) ? value : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Hostile input is expected here; the caller answers it.
  }
}
