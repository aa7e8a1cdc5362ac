/** Skips tests that need something this machine lacks, with a warning; in CI that is a failure. */

/** Returns `found`. If it is missing, throws in CI; elsewhere warns that `what` is skipped. */
export function isAvailable(found: boolean, what: string): boolean {
  if (found) return true;
  if (process.env['CI'] === 'true') throw new Error(`CI must be able to test this: ${what}.`);
  console.warn(`Skipped: ${what}.`);
  return false;
}
