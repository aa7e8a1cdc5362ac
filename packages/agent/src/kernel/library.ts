/** Loads koffi, binds functions of the C library, and turns errno into errors. */
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { getSystemErrorMessage, getSystemErrorName } from 'node:util';
import type * as Koffi from 'koffi';
import { messageOf } from '../message-of.ts';

type ErrnoName = keyof typeof constants.errno;
type Call<A extends readonly unknown[], R> = (...values: A) => R;

interface Library {
  readonly koffi: typeof Koffi;
  /** The C library, glibc or musl: no file name to guess. */
  readonly c: Koffi.LibraryHandle;
}

/** The kernel refused a call. Has the `code` that errors of node:fs have; `errno` is positive. */
export class SystemCallError extends Error {
  readonly errno: number;
  readonly code: string;

  constructor(call: string, errno: number) {
    const code = getSystemErrorName(-errno);
    super(`${code}: ${getSystemErrorMessage(-errno)}, ${call}`);
    this.errno = errno;
    this.code = code;
  }
}

let loaded: Library | undefined;

/** Throws where this machine cannot make system calls through koffi. */
function library(): Library {
  if (process.platform !== 'linux') throw new Error(`This needs Linux; this is ${process.platform}.`);
  return (loaded ??= load());
}

function load(): Library {
  try {
    const koffi: typeof Koffi = createRequire(import.meta.url)('koffi');
    return { koffi, c: koffi.load(null) };
  } catch (error) {
    throw new Error(`The library for system calls (koffi) does not load here: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * Binds a C function. The one convention for errno: a negative result throws a SystemCallError, whose text ends with
 * `name` (of the C function when it is not given).
 */
export function bindCall<A extends readonly unknown[]>(signature: string, name?: string): Call<A, number> {
  return bindCallOr<A, never>(signature, [], name);
}

/** The same for calls that may fail in normal operation: these codes are returned by name, not thrown. */
export function bindCallOr<A extends readonly unknown[], C extends ErrnoName>(
  signature: string,
  codes: readonly C[],
  name: string = nameIn(signature),
): Call<A, number | C> {
  const { koffi, c } = library();
  const call: Call<A, number> = c.func(signature);
  return (...values) => {
    const result = call(...values);
    if (!(result < 0)) return result;
    const errno = koffi.errno();
    // No error is made for an expected code: its making takes longer than the call, and openers wait for some of these.
    const expected = codes.find((code) => constants.errno[code] === errno);
    if (expected === undefined) throw new SystemCallError(name, errno);
    return expected;
  };
}

function nameIn(signature: string): string {
  return /(\w+)\(/.exec(signature)?.[1] ?? signature;
}
