/** How many files may wait to be quarantined. */

/** Distinct files: one that is opened repeatedly waits once. */
export const maxWaiting = 1000;
