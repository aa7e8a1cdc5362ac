/** How many files wait to be quarantined. */

/** Different files: one that is opened again and again waits once. */
export const maxWaiting = 1000;
