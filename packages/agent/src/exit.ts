/** What the exit codes of the agent's processes mean to those who restart them (sysexits.h is where the numbers come from). */
export const exitCode = {
  failed: 1,
  /** The order to uninstall was followed: do not start again. */
  uninstalled: 64,
  /** There is nothing to do before somebody enrols this endpoint. */
  notEnrolled: 65,
} as const;
