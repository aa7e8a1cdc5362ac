/** Generated from guard.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { boolean, integer, number, object, oneOf, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';

/** Which rule of the guard holds an act, with the numbers that decided it. */
export interface GuardReason {
  rule: 'protected' | 'budget' | 'share';
  message: string;
}
export const guardReasonShape: Shape<GuardReason> = object({
  rule: oneOf(['protected', 'budget', 'share'], 'budget'),
  message: text(),
});

/** How much one caller may isolate before a second person must approve. GET and PUT guard. */
export interface GuardSettings {
  enabled: boolean;
  /** Different endpoints that one application may isolate or uninstall in an hour. */
  perApplicationPerHour: number;
  /** The same for a person. */
  perPersonPerHour: number;
  /** Largest part of the fleet that may be isolated at once, 0 to 1. */
  shareOfFleet: number;
  /** The share counts only when more endpoints than this would be isolated. */
  shareCountsAbove: number;
}
export const guardSettingsShape: Shape<GuardSettings> = object({
  enabled: boolean(),
  perApplicationPerHour: integer({ min: 1, max: 1_000_000 }),
  perPersonPerHour: integer({ min: 1, max: 1_000_000 }),
  shareOfFleet: number({ min: 0, max: 1 }),
  shareCountsAbove: integer({ min: 0, max: 1_000_000 }),
});
