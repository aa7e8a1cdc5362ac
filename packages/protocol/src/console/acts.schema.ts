/** Acts of people on endpoints, and their outcomes. */
import { Type } from 'typebox';
import { acts } from '../automation/values.ts';
import { GuardReason } from './guard.schema.ts';
import { maxEntityIds } from './max-entity-ids.ts';

const selector = Type.Optional(Type.String({ minLength: 1, maxLength: 255 }));

/** Which endpoints a request is for. All fields that are given must match, and at least one must be given. */
export const ActSelector = Type.Object(
  {
    entityId: selector,
    /** Any of these. */
    entityIds: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: maxEntityIds }),
    ),
    hostName: selector,
    ipAddress: selector,
    macAddress: selector,
    product: selector,
    /** This folder and everything below it, `Workgroup\\Paris`. */
    folder: selector,
    /** The agents of this group. */
    group: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    /** Text in host name, folder, IP or MAC address, as GET agents?search has it. */
    search: selector,
  },
  // A misspelt field must not leave a selector that matches more.
  { additionalProperties: false },
);

/** POST acts, and POST acts/preview. */
export const ActRequest = Type.Object({
  /** Folders have a request of their own, which moves agents. */
  act: Type.Enum(acts.filter((act) => act !== 'relocate')),
  selector: ActSelector,
  allowMultiple: Type.Optional(Type.Boolean()),
  /** For the audit: why. */
  reason: Type.Optional(Type.String({ maxLength: 256 })),
  /** Isolate only: after so many seconds the endpoint releases itself, with or without a server. */
  forSeconds: Type.Optional(Type.Integer({ minimum: 10, maximum: 31_536_000 })),
  /** Isolate only: the name of a profile; nothing but the servers stays reachable without one. */
  profile: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  /** Isolate only: shown to the people on the endpoint. */
  message: Type.Optional(Type.String({ maxLength: 256 })),
});

const ActTarget = Type.Object({ agent: Type.String(), hostName: Type.String(), isolation: Type.String() });

/** What an act would do, or did. */
export const ActOutcome = Type.Object({
  /** Agents the act is for, as they were before. */
  affected: Type.Array(ActTarget, { mustBeSent: true }),
  /** Agents that match but are left out, and why. */
  leftOut: Type.Array(Type.Object({ agent: Type.String(), hostName: Type.String(), why: Type.String() })),
  /** The `entityIds`, in lower case, that match nothing: unknown, removed, out of reach or ruled out by a field. */
  notFound: Type.Array(Type.String(), { maxItems: maxEntityIds }),
  /** Empty when the guard lets it pass. */
  guard: Type.Array(GuardReason, { mustBeSent: true }),
  /** The approval that the act waits for; null when it was done, or only previewed. */
  approval: Type.Union([Type.Integer(), Type.Null()], { mustBeSent: true }),
});
