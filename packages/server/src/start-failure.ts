/** Explains why the server cannot start, where its operator can fix it. */
import { errnoText } from '@cordon/protocol/errno-text';

/** An error that needs no stack: what failed, which variable, what to do. */
export class StartFailure extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'StartFailure';
  }
}

export interface Step {
  /** The subject, up to the colon: `The database /srv/cordon.sqlite (CORDON_DATABASE) cannot be opened`. */
  readonly failure: string;
  readonly hint: string;
}

/** One step of the start. An operator's failure is reported with its subject; a fault of ours keeps its stack. */
export async function step<T>({ failure, hint }: Step, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isBug(error)) throw error;
    throw new StartFailure(`${failure}: ${causeOf(error).replace(/\.$/, '')}.\n${hint}`, error);
  }
}

/** The text written to standard error before the process ends. */
export function startFailureText(error: unknown): string {
  if (error instanceof StartFailure) return `cordon-server: ${error.message}\n`;
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `cordon-server: the server could not start because of a bug; please report it.\n${stack}\n`;
}

/** A value that Node refuses has a code, `ERR_INVALID_URL`; a bug of ours has none. */
function isBug(error: unknown): boolean {
  const slips = [TypeError, RangeError, ReferenceError].some((kind) => error instanceof kind);
  return slips && !Object.hasOwn(Object(error), 'code');
}

function causeOf(error: unknown): string {
  // A name with several addresses fails with one error per address, and without a message of its own.
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0]);
  return errnoText(error);
}
