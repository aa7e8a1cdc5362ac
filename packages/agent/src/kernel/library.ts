/** Loads koffi, with what this process itself is linked with. Only this room knows koffi. */
import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';
import { messageOf } from '../message-of.ts';

export interface Library {
  readonly koffi: typeof Koffi;
  /** The C library: glibc and musl alike, with no file name to guess. */
  readonly c: Koffi.LibraryHandle;
}

/** Why this machine has no system calls for us is told, not thrown: an agent that can do nothing still reports. */
export function loadLibrary(): Library | Error {
  if (process.platform !== 'linux') return new Error(`This needs Linux; this is ${process.platform}.`);
  try {
    const koffi: typeof Koffi = createRequire(import.meta.url)('koffi');
    return { koffi, c: koffi.load(null) };
  } catch (error) {
    return new Error(`The library for system calls (koffi) does not load here: ${messageOf(error)}`);
  }
}
