/** How the agent says that something is wrong. */

/** A message that says what is wrong; `undefined` means that nothing is. */
export type Problem = string | undefined;
