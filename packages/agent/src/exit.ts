/** The exit codes of the agent's processes, for what restarts them; the numbers are from sysexits.h. */
export const exitCode = {
  failed: 1,
  /** The endpoint was uninstalled: do not restart. */
  uninstalled: 64,
  /** There is nothing to do before this endpoint is enrolled. */
  notEnrolled: 65,
} as const;
