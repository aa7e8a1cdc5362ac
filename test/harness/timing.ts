/** Measures durations on a machine that is busy with other things. */

const maxAttempts = 5;
const longestLife = 24_000;

/**
 * The shortest of a few attempts, in milliseconds, for what must be quick. Other programs delay some attempts; code that
 * is too slow is too slow each time.
 */
export async function quickest(promised: number, attempt: () => Promise<number>): Promise<number> {
  let least = Infinity;
  for (let count = 0; count < maxAttempts && least >= promised; count += 1) least = Math.min(least, await attempt());
  return least;
}

/**
 * Observes something that expires by itself: what was seen, and when it expires. Tries again with twice the lifetime if
 * a busy machine let it expire before it could be observed.
 */
export async function whileItLasts<T>(
  look: (endsAt: number) => Promise<T>,
  firstLife = 1500,
): Promise<{ seen: T; endsAt: number }> {
  for (let life = firstLife; life <= longestLife; life *= 2) {
    const endsAt = Date.now() + life;
    const [result] = await Promise.allSettled([look(endsAt)]);
    if (Date.now() >= endsAt) continue;
    if (result.status === 'rejected') throw result.reason;
    return { seen: result.value, endsAt };
  }
  throw new Error(`A life of ${longestLife / 1000} s was too short to be seen.`);
}
