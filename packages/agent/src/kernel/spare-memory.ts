/** Gives back to the kernel what the C library keeps of freed memory, for whoever else on the host can use it. */
import { loadLibrary } from './library.ts';

/** Not at once, and not more often: what is given back and needed again costs twice. */
const pause = 10_000;

export class SpareMemory {
  readonly #giveBack = trimming();
  #timer: NodeJS.Timeout | undefined;

  /** Memory was taken and freed: before long there is something to give back. */
  stirred(): void {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#giveBack();
    }, pause).unref();
  }
}

/** malloc_trim(3) of the GNU C library; others keep less, and have no such call. */
function trimming(): () => void {
  const library = loadLibrary();
  if (library instanceof Error) return () => undefined;
  try {
    const trim: (keep: number) => number = library.c.func('int malloc_trim(size_t)');
    return () => void trim(0);
  } catch {
    return () => undefined; // Not there (musl): a process that keeps some memory works just as well.
  }
}
