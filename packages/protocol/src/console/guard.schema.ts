/** How much one caller may cut off alone. */
import { Type } from 'typebox';

/** Which rule of the guard holds an act, with the numbers that decided it. */
export const GuardReason = Type.Object({
  rule: Type.Enum(['protected', 'budget', 'share'], { unknown: 'budget' }),
  message: Type.String(),
});

/** How much one caller may isolate before a second person must approve. GET and PUT guard. */
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
