/** Says in a sentence why the server cannot start, where that is for its operator to mend. */
import { errnoText } from '@cordon/protocol/errno-text';

/** Needs no stack: what, which variable, what to do. */
export class StartFailure extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'StartFailure';
  }
}

export interface Step {
  /** What it is about, up to the colon: `The database /srv/cordon.sqlite (CORDON_DATABASE) cannot be opened`. */
  readonly told: string;
  readonly hint: string;
}

/** One step of the start. What fails in it is told with what it was about; a fault of our own keeps its stack. */
export async function step<T>({ told, hint }: Step, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isBug(error)) throw error;
    throw new StartFailure(`${told}: ${causeOf(error).replace(/\.$/, '')}.\n${hint}`, error);
  }
}

/** What is written on standard error before the process ends. */
export function startFailureText(error: unknown): string {
  if (error instanceof StartFailure) return `cordon-server: ${error.message}\n`;
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `cordon-server: it could not start, and this is a fault of its own; please report it.\n${stack}\n`;
}

/** What Node refuses as a value has a code, `ERR_INVALID_URL`; a slip of ours has none. */
function isBug(error: unknown): boolean {
  const slips = [TypeError, RangeError, ReferenceError].some((kind) => error instanceof kind);
  return slips && !Object.hasOwn(Object(error), 'code');
}

function causeOf(error: unknown): string {
  // A name with several addresses fails with all of their failures, and no words of its own.
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0]);
  return errnoText(error);
}
