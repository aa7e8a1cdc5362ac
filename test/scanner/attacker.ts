/** Exchanges names as fast as it can, in a thread of its own, until it is stopped. */
import { parentPort, workerData } from 'node:worker_threads';
import { fileCalls } from '../../packages/agent/src/kernel/file-calls.ts';

interface Attack {
  /** The two names that are exchanged, by way of the third. `%` stands for the number of the round. */
  readonly names: readonly [string, string, string];
  /** Stop, round, exchanges. */
  readonly shared: SharedArrayBuffer;
}

const { names, shared }: Attack = workerData;
const numbers = new Int32Array(shared);
const calls = fileCalls();
parentPort?.postMessage('here');

while (Atomics.load(numbers, 0) === 0) {
  const [one, other, third] = names.map((name) => name.replace('%', String(Atomics.load(numbers, 1))));
  for (const [from, to] of [
    [one, third],
    [other, one],
    [one, other],
    [third, one],
  ]) {
    try {
      // Never over another file: only the attacked process may lose one.
      calls.rename({ folder: 0, from: Buffer.from(from ?? ''), to: Buffer.from(to ?? '') });
      Atomics.add(numbers, 2, 1);
    } catch {
      // The file that we exchange is being quarantined right now: that is the purpose.
    }
  }
}
