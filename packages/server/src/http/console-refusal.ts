/** A refused call of the console API that the caller can correct. */

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
