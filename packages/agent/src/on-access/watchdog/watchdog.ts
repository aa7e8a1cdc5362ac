/**
 * The watchdog of watch: another process, which ends watch with SIGKILL when that falls silent.
 *
 * While watch is stopped or stuck, everybody who opens a file waits for it, for ever. When it is dead, the kernel lets
 * all of them go on. Nothing is loaded or opened here after the start, for that would wait for watch too.
 */
import { logOf } from '../../log.ts';

const every = 25;

/** Each line on standard input is a sign of life, and says how many milliseconds may pass until the next; 0 is no limit. `firstLimit` is for the first. */
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
  // Looks are counted, not milliseconds: on a busy machine we may come late ourselves, with signs of life still unread.
  const timer = setInterval(() => {
    silent += every;
    if (limit === 0 || silent <= limit) return;
    process.kill(watched, 'SIGKILL');
    clearInterval(timer);
    log('watch was killed', { silent, message: 'It did not answer. The kernel has let everybody go on.' });
  }, every);
  return ended.promise.finally(() => clearInterval(timer));
}

function limitIn(text: string): number | undefined {
  const last = text.trimEnd().split('\n').at(-1) ?? '';
  const number = Number(last);
  return last !== '' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
