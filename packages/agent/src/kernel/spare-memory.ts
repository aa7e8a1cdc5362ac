/** Gives memory that the C library has freed but keeps back to the kernel. */
import { bindCall } from './library.ts';

/** Not at once, and not more often: memory that is returned and needed again costs twice. */
const delayMs = 10_000;

export class SpareMemory {
  readonly #trim = trimming();
  #timer: NodeJS.Timeout | undefined;

  /** Memory was allocated and freed: soon there is something to return. */
  used(): void {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#trim();
    }, delayMs).unref();
  }
}

/** malloc_trim(3) of the GNU C library; others keep less, and have no such call. */
function trimming(): () => void {
  try {
    const trim = bindCall<[keep: number]>('int malloc_trim(size_t)');
    return () => void trim(0);
  } catch {
    return () => undefined; // Not there (musl, another system): a process that keeps some memory works just as well.
  }
}
