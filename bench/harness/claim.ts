/** A performance claim, measured beside a baseline in the same run. */

/** A row of the table. Each figure has a baseline from the same minutes on the same machine. */
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
  /** Why it cannot be measured on this machine; undefined if it can. */
  readonly unable?: () => Promise<string | undefined>;
  /** `say` prints progress. */
  readonly measure: (say: (line: string) => void) => Promise<readonly Row[]>;
}
