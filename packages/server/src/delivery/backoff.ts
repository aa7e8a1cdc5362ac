/** When a failed delivery is retried. */

const minPauseMs = 1000;
const maxPauseMs = 3_600_000;

/**
 * Milliseconds until the next attempt after so many failures: 1 s, 2 s, 4 s and so on up to an hour, less up to half of
 * it at random.
 */
export function backoffMs(failures: number, chance: number, most: number = maxPauseMs): number {
  const whole = Math.min(most, minPauseMs * 2 ** Math.min(30, Math.max(0, failures - 1)));
  // Receivers that were down together must not be called by everybody at the same moment.
  return Math.round(whole * (0.5 + chance / 2));
}
