/** Why something does not work, or is not allowed: a message for people. `undefined` means that it is fine. */
export type Problem = string;
