/**
 * The watchdog of on-access: another process, which kills it when it falls silent.
 *
 * While on-access is stopped or stuck, every process that opens a file waits for it. When it is dead, the kernel allows
 * all of these openings. The watchdog loads and opens nothing after its start, for that would wait for on-access too.
 */
import { logOf } from '../../log.ts';

const lookIntervalMs = 25;

/**
 * Each line on standard input is a sign of life: the milliseconds that may pass until the next, 0 for no limit.
 * `firstLimit` is the limit for the first.
 */
export function runWatchdog(firstLimit: number): Promise<number> {
  const log = logOf('watchdog', Date.now);
  const watched = process.ppid;
  const ended = Promise.withResolvers<number>();
  let limit = firstLimit;
  let silent = 0;
  process.stdin.on('data', (chunk: Buffer) => {
    silent = 0;
    limit = limitIn(chunk.toString('latin1')) ?? limit;
  });
  process.stdin.once('end', () => ended.resolve(0));
  process.stdin.once('error', () => ended.resolve(0));
  // Looks are counted, not milliseconds: on a busy machine we may be late ourselves, with signs of life still unread.
  const timer = setInterval(() => {
    silent += lookIntervalMs;
    if (limit === 0 || silent <= limit) return;
    process.kill(watched, 'SIGKILL');
    clearInterval(timer);
    log('on-access was killed', { silent, message: 'It did not answer. The kernel has allowed every opening.' });
  }, lookIntervalMs);
  return ended.promise.finally(() => clearInterval(timer));
}

function limitIn(text: string): number | undefined {
  const last = text.trimEnd().split('\n').at(-1) ?? '';
  const number = Number(last);
  return last !== '' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
