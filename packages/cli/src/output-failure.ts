/** What it means that the command's own output cannot be written. */
import { whyNot } from './why-not.ts';

export class OutputFailure extends Error {
  readonly hint = 'What was written so far is not all of it; make room, or write it elsewhere.';
  /** `cordon audit export | head`: the reader has what it wanted. */
  readonly readerLeft: boolean;

  constructor(stream: string, cause: NodeJS.ErrnoException) {
    super(`${stream} cannot be written: ${whyNot(cause)}.`, { cause });
    this.name = 'OutputFailure';
    this.readerLeft = cause.code === 'EPIPE';
  }
}
