/** What a test may say of time on a machine that is busy with other things as well. */

const tries = 5;
const longestLife = 24_000;

/**
 * The shortest of a few attempts, milliseconds, for what is promised to be quick: other programs delay some of them, and
 * a promise that is broken is broken each time.
 */
export async function quickest(promised: number, attempt: () => Promise<number>): Promise<number> {
  let least = Infinity;
  for (let count = 0; count < tries && least >= promised; count += 1) least = Math.min(least, await attempt());
  return least;
}

/**
 * What is seen of something while it is there, and when it ends by itself. Looked at again, with twice as long a life,
 * where the machine was so busy that it had ended before it could be looked at.
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
