/** Generated from acts.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { integer, list, mustBeSent, nullable, object, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { guardReasonShape } from './guard.shape.ts';
import type { GuardReason } from './guard.shape.ts';

/** Which endpoints a request is for. All fields that are given must match, and at least one must be given. */
export interface ActSelector {
  entityId?: string;
  /** Any of these. */
  entityIds?: string[];
  hostName?: string;
  ipAddress?: string;
  macAddress?: string;
  product?: string;
  /** This folder and everything below it, `Workgroup\\Paris`. */
  folder?: string;
  /** The agents of this group. */
  group?: string;
  /** Text in host name, folder, IP or MAC address, as GET agents?search has it. */
  search?: string;
}

/** POST acts, and POST acts/preview. */
export interface ActRequest {
  /** Folders have a request of their own, which moves agents. */
  act: 'isolate' | 'release' | 'uninstall';
  selector: ActSelector;
  allowMultiple?: boolean;
  /** For the audit: why. */
  reason?: string;
  /** Isolate only: after so many seconds the endpoint releases itself, with or without a server. */
  forSeconds?: number;
  /** Isolate only: the name of a profile; nothing but the servers stays reachable without one. */
  profile?: string;
  /** Isolate only: shown to the people on the endpoint. */
  message?: string;
}

/** What an act would do, or did. */
export interface ActOutcome {
  /** Agents the act is for, as they were before. */
  affected: { agent: string; hostName: string; isolation: string }[];
  /** Agents that match but are left out, and why. */
  leftOut: { agent: string; hostName: string; why: string }[];
  /** The `entityIds`, in lower case, that match nothing: unknown, removed, out of reach or ruled out by a field. */
  notFound: string[];
  /** Empty when the guard lets it pass. */
  guard: GuardReason[];
  /** The approval that the act waits for; null when it was done, or only previewed. */
  approval: number | null;
}
export const actOutcomeShape: Shape<ActOutcome> = object({
  affected: mustBeSent(list(object({ agent: text(), hostName: text(), isolation: text() }))),
  leftOut: list(object({ agent: text(), hostName: text(), why: text() })),
  notFound: list(text(), { max: 1000 }),
  guard: mustBeSent(list(guardReasonShape)),
  approval: mustBeSent(nullable(integer())),
});
