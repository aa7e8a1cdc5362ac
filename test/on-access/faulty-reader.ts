/**
 * A reader that dies at one content, and never returns from another: only as long as `faulty` says. It also dies when
 * Node emits a warning: a reader never returns, so warnings would gather in it until its memory is full.
 */
import { workerData } from 'node:worker_threads';
import { sha1 } from '../../packages/agent/src/on-access/reader/examiner.ts';
import { serve } from '../../packages/agent/src/on-access/reader/serve.ts';
import { deadly, endless } from './faulty.ts';

process.emitWarning = () => {
  throw new Error('Node has warned of something.');
};

serve(workerData, (bytes) => {
  const text = Buffer.from(bytes).toString('latin1');
  if (text.startsWith(deadly)) throw new Error('This reader fails on purpose.');
  if (text.startsWith(endless)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  return sha1(bytes);
});
