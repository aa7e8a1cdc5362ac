/** A call of the console API that is refused for the caller to mend. */

export class ConsoleRefusal extends Error {
  readonly status: number;
  /** Stable, for programs. */
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.name = 'ConsoleRefusal';
    this.status = status;
    this.reason = reason;
  }
}
