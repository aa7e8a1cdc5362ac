/** Acts of people, and what makes them safe: preview, guard, approvals, profiles, break-glass. */
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Exception } from '../channel/exception.ts';

const Milliseconds = Type.Integer({ minimum: 0 });
const selector = Type.Optional(Type.String({ minLength: 1, maxLength: 255 }));

/** Whom an act is for; everything given must match, and at least one must be given. */
export const ActSelector = Type.Object({
  entityId: selector,
  hostName: selector,
  ipAddress: selector,
  macAddress: selector,
  product: selector,
});
export type ActSelector = Static<typeof ActSelector>;

/** POST acts, and POST acts/preview. */
export const ActRequest = Type.Object({
  act: Type.Union([Type.Literal('isolate'), Type.Literal('release'), Type.Literal('uninstall')]),
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
export type ActRequest = Static<typeof ActRequest>;

const ActTarget = Type.Object({ agent: Type.String(), hostName: Type.String(), isolation: Type.String() });

/** Which rule of the guard stands against an act, with the numbers that decided it. */
export const GuardReason = Type.Object({
  rule: Type.Union([Type.Literal('protected'), Type.Literal('budget'), Type.Literal('share')]),
  message: Type.String(),
});
export type GuardReason = Static<typeof GuardReason>;

/** What an act would do, or has begun to do. */
export const ActOutcome = Type.Object({
  /** Agents the act is for, as they were before. */
  affected: Type.Array(ActTarget),
  /** Agents that match and are left out, and why. */
  leftOut: Type.Array(Type.Object({ agent: Type.String(), hostName: Type.String(), why: Type.String() })),
  /** Empty when the guard lets it pass. */
  guard: Type.Array(GuardReason),
  /** The approval that the act waits for; null when it was done, or only previewed. */
  approval: Type.Union([Type.Integer(), Type.Null()]),
});
export type ActOutcome = Static<typeof ActOutcome>;

/** An act that the guard holds until a second person decides. */
export const Approval = Type.Object({
  id: Type.Integer(),
  act: Type.String(),
  requestedBy: Type.String(),
  requestedAt: Milliseconds,
  expiresAt: Milliseconds,
  reasons: Type.Array(GuardReason),
  /** JSON of the terms: `forSeconds`, `profile`, `message`. */
  terms: Type.String(),
  /** Why, in the asker's words. */
  reason: Type.String(),
  agents: Type.Integer(),
  /** Host names of the first of them. */
  hostNames: Type.Array(Type.String()),
  state: Type.Union([
    Type.Literal('pending'),
    Type.Literal('approved'),
    Type.Literal('rejected'),
    Type.Literal('expired'),
  ]),
  decidedBy: Type.Union([Type.String(), Type.Null()]),
  decidedAt: Type.Union([Milliseconds, Type.Null()]),
});
export type Approval = Static<typeof Approval>;
export const ApprovalList = Type.Object({ approvals: Type.Array(Approval) });
export type ApprovalList = Static<typeof ApprovalList>;

/** How much isolation one caller may set off before a second person must agree. GET and PUT guard. */
export const GuardSettings = Type.Object({
  enabled: Type.Boolean(),
  /** Different endpoints that one application may isolate or uninstall in an hour. */
  perApplicationPerHour: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  /** The same for a person. */
  perPersonPerHour: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  /** Largest part of the fleet that may be isolated at once, 0 to 1. */
  shareOfFleet: Type.Number({ minimum: 0, maximum: 1 }),
  /** The share counts only when more endpoints than this would be isolated. */
  shareCountsAbove: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
});
export type GuardSettings = Static<typeof GuardSettings>;

/** PUT profiles/{name}. */
export const ProfileBody = Type.Object({
  exceptions: Type.Array(Exception, { maxItems: 64 }),
  dhcp: Type.Optional(Type.Boolean()),
});
export type ProfileBody = Static<typeof ProfileBody>;
export const Profile = Type.Object({
  name: Type.String(),
  exceptions: Type.Array(Exception),
  dhcp: Type.Boolean(),
  changedAt: Milliseconds,
});
export type Profile = Static<typeof Profile>;
export const ProfileList = Type.Object({ profiles: Type.Array(Profile) });
export type ProfileList = Static<typeof ProfileList>;

/** PATCH agents/{id}. */
export const ChangeAgent = Type.Object({
  /** Never isolated without a second person. */
  protected: Type.Optional(Type.Boolean()),
  /** Group by whose settings it treats suspicious objects. */
  group: Type.Optional(Type.String({ maxLength: 64 })),
});
export type ChangeAgent = Static<typeof ChangeAgent>;

/** POST agents/{id}/break-glass: lifts the present isolation of that endpoint, typed there. Shown and audited. */
export const BreakGlassCode = Type.Object({ agent: Type.String(), epoch: Type.Integer(), code: Type.String() });
export type BreakGlassCode = Static<typeof BreakGlassCode>;
