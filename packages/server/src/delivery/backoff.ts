/** When something that failed is tried again. */

const first = 1000;
const longest = 3_600_000;

/** Milliseconds until the next attempt after so many have failed: 1 s, 2 s, 4 s and so on up to an hour, less up to a half by chance. */
export function backoffMs(failures: number, chance: number, most: number = longest): number {
  const whole = Math.min(most, first * 2 ** Math.min(30, Math.max(0, failures - 1)));
  // Receivers that were down together must not be called by everybody in the same moment.
  return Math.round(whole * (0.5 + chance / 2));
}
