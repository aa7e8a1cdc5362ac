/** Opens a file on an endpoint again and again, and reports when it was first refused. */
import { closeSync, openSync } from 'node:fs';

/** `opened` is sent once, before the first refusal; `at` is from process.hrtime. */
export type Tried = { readonly opened: true } | { readonly at: string } | { readonly failed: string };

const pauseMs = 0.1;
const timeoutMs = 20_000;
const never = new Int32Array(new SharedArrayBuffer(4));

process.on('disconnect', () => process.exit(0));
process.on('message', (path: string) => void attempt(path));

async function attempt(path: string): Promise<void> {
  try {
    closeSync(openSync(path, 'r'));
    await send({ opened: true });
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline) {
      try {
        closeSync(openSync(path, 'r'));
      } catch (error) {
        const at = String(process.hrtime.bigint());
        const isRefused = error instanceof Error && 'code' in error && error.code === 'EPERM';
        return await send(isRefused ? { at } : { failed: String(error) });
      }
      Atomics.wait(never, 0, 0, pauseMs);
    }
    await send({ failed: `${path} was still opened after ${timeoutMs / 1000} s.` });
  } catch (error) {
    await send({ failed: String(error) });
  }
}

async function send(tried: Tried): Promise<void> {
  await new Promise((resolve) => process.send?.(tried, resolve));
}
