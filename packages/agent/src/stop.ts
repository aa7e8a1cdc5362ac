/** Turns the ways to ask a process to end into one AbortSignal. */

/**
 * SIGTERM and SIGINT always. With `withParent` also the end of the parent: of its IPC channel if there is one, else of our
 * standard input, which it holds open. Ending never releases an isolation; the kernel keeps it.
 */
export function stopSignal(options: { withParent: boolean }): AbortSignal {
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  process.once('SIGTERM', abort);
  process.once('SIGINT', abort);
  if (options.withParent) followParent(abort);
  return stop.signal;
}

/** Settles once the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}

function followParent(abort: () => void): void {
  if (process.connected) {
    process.once('disconnect', abort);
    return;
  }
  process.stdin.once('end', abort);
  process.stdin.once('close', abort);
  process.stdin.once('error', abort);
  process.stdin.resume();
}
