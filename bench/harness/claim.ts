/** A claim of performance: one file each, measured beside a baseline in the same run. */

/** A line of the table. Every figure stands beside one that the same minutes on the same machine gave. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  readonly baseline: string;
  /** How the two compare, in words or as a factor. */
  readonly ratio: string;
  readonly aim: string;
}

export interface Claim {
  readonly name: string;
  readonly title: string;
  /** Why it cannot be measured on this machine; undefined when it can. */
  readonly unable?: () => Promise<string | undefined>;
  /** `say` tells whoever waits how far it is. */
  readonly measure: (say: (line: string) => void) => Promise<readonly Row[]>;
}
