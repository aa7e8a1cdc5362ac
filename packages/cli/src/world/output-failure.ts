/** What it means when the command's output cannot be written. */
import { errnoText } from '@cordon/protocol/errno-text';

export class OutputFailure extends Error {
  readonly hint = 'The output is incomplete. Free some space or write it elsewhere.';
  /** `cordon audit export | head`: the reader has all it needs. */
  readonly readerLeft: boolean;

  constructor(stream: string, cause: NodeJS.ErrnoException) {
    super(`${stream} cannot be written: ${errnoText(cause)}.`, { cause });
    this.name = 'OutputFailure';
    this.readerLeft = cause.code === 'EPIPE';
  }
}
