/** Everything outside the program that a command may touch, so that a test can bring a world of its own. */
export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Characters in a line of the terminal. */
  readonly columns: number;
  readonly color: boolean;
}

export interface Input {
  readonly isTerminal: boolean;
  /** Everything that comes in on standard input. */
  readAll(): Promise<string>;
  /** Asks the person at the terminal. */
  ask(question: string): Promise<string>;
  /** As `ask`, without showing what is typed. */
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
  /** Aborted by Ctrl-C, and with an OutputFailure as its reason when nobody reads what the command writes. */
  readonly signal: AbortSignal;
}
