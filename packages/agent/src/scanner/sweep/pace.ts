/** Limits all threads of a sweep together to this many bytes a second, and stops them. */

/** After a pause a thread may read at once at most what this time allows. */
const burst = 50_000n;
const maxWaitMs = 100;

/** Shared: when the next byte is due (microseconds since 1970), bytes a second (0: no limit), and whether to stop. */
export function newPace(megabytesPerSecond: number): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(24);
  new BigInt64Array(memory)[1] = BigInt(megabytesPerSecond) * 1_000_000n;
  return memory;
}

export class Pace {
  readonly #numbers: BigInt64Array;
  readonly #stop: Int32Array;
  readonly #rate: bigint;

  constructor(memory: SharedArrayBuffer) {
    this.#numbers = new BigInt64Array(memory, 0, 2);
    this.#stop = new Int32Array(memory, 16, 2);
    this.#rate = this.#numbers[1] ?? 0n;
  }

  get stopped(): boolean {
    return Atomics.load(this.#stop, 0) !== 0;
  }

  stop(): void {
    Atomics.store(this.#stop, 0, 1);
    Atomics.notify(this.#stop, 0);
  }

  /** Waits until these bytes may be read; for threads that may be held up. */
  spend(bytes: number): void {
    if (this.#rate === 0n) return;
    const due = this.#reserve(bytes);
    for (let wait = due - now(); wait > burst && !this.stopped; wait = due - now())
      Atomics.wait(this.#stop, 0, 0, Math.min(maxWaitMs, Number(wait - burst) / 1000));
  }

  #reserve(bytes: number): bigint {
    const cost = (BigInt(bytes) * 1_000_000n) / this.#rate;
    for (;;) {
      const before = Atomics.load(this.#numbers, 0);
      const at = before > now() ? before : now();
      if (Atomics.compareExchange(this.#numbers, 0, before, at + cost) === before) return at;
    }
  }
}

function now(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000));
}
