/** Everything outside the program that a command may use, so that tests can replace it. */
export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** The terminal's width in characters. */
  readonly columns: number;
  readonly color: boolean;
}

export interface Input {
  readonly isTerminal: boolean;
  /** Reads all of standard input. */
  readAll(): Promise<string>;
  /** Prompts the person at the terminal. */
  ask(question: string): Promise<string>;
  /** Like `ask`, without echoing the input. */
  askSecret(question: string): Promise<string>;
}

export interface World {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  readonly out: Output;
  readonly err: Output;
  readonly input: Input;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Aborted by Ctrl-C, or with an OutputFailure as its reason when nobody reads the output. */
  readonly signal: AbortSignal;
}
