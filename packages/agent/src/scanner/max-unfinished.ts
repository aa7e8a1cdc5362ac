/** How many unfinished sweeps are remembered. */

/** More than run at once; the oldest give way. */
export const maxUnfinished = 16;
