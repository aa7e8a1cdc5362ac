/** Tests that need something a contributor's machine may lack: left out there with a line that says so, never in CI. */

/** Whether it is here. In CI a machine without it is a failure; elsewhere `what` is left out, and that is said. */
export function isAvailable(found: boolean, what: string): boolean {
  if (found) return true;
  if (process.env['CI'] === 'true') throw new Error(`CI must be able to test this: ${what}.`);
  console.warn(`Left out: ${what}.`);
  return false;
}
