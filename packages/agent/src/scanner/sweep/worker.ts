/** One thread of a sweep: takes batches of paths, and returns the matches among them. */
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { RuleIndex } from '../../matching/rule-index.ts';
import { Pace } from './pace.ts';
import type { Examined } from './reader.ts';
import { Reader } from './reader.ts';
import { DigestRecords } from './digest-records.ts';

export interface WorkerStart {
  readonly rules: SharedArrayBuffer;
  readonly records: SharedArrayBuffer | undefined;
  readonly pace: SharedArrayBuffer;
}

export interface WorkerBatch {
  readonly number: number;
  readonly device: number;
  /** With a zero byte after each. */
  readonly paths: Uint8Array;
}

export type WorkerAnswer =
  | { readonly type: 'thread'; readonly thread: number }
  | { readonly type: 'looked'; readonly number: number; readonly examined: Examined };

const leastUrgent = 19;

if (parentPort === null) throw new Error('sweep/worker.ts runs as a worker thread.');
const port = parentPort;
const { rules, records, pace }: WorkerStart = workerData;
const reader = new Reader({
  rules: new RuleIndex(rules),
  records: records && new DigestRecords(records),
  pace: new Pace(pace),
  now: Date.now,
});

// Priorities belong to threads: the others of this process keep theirs.
setPriority(0, leastUrgent);
answer({ type: 'thread', thread: Number(readlinkSync('/proc/thread-self').split('/').at(-1)) });

port.on('message', ({ number, device, paths }: WorkerBatch) => {
  answer({
    type: 'looked',
    number,
    examined: reader.look(pathsIn(Buffer.from(paths.buffer, paths.byteOffset, paths.length)), device),
  });
});

function answer(message: WorkerAnswer): void {
  port.postMessage(message);
}

function pathsIn(bytes: Buffer): Buffer[] {
  const paths: Buffer[] = [];
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(0, from);
    paths.push(bytes.subarray(from, end));
    from = end + 1;
  }
  return paths;
}
