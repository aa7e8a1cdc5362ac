/** The quarantine in a thread of its own, so that copying a large file blocks nothing else. */
import { parentPort, workerData } from 'node:worker_threads';
import { usersOf } from '../processes.ts';
import { fileCalls } from '../../kernel/file-calls.ts';
import type { Entry } from './entry.ts';
import { failureOf } from './failure.ts';
import type { QuarantineFailure } from './failure.ts';
import type { Restored } from './restore.ts';
import type { Taken, TakeRequest } from './take.ts';
import { Quarantine } from './quarantine.ts';

export type QuarantineWork =
  | { readonly kind: 'take'; readonly file: Omit<TakeRequest, 'path' | 'usedBy'> & { readonly path: Uint8Array } }
  | { readonly kind: 'restore'; readonly copy: string }
  | { readonly kind: 'list' }
  | { readonly kind: 'recover' };

export interface QuarantineAnswers {
  readonly take: Taken;
  readonly restore: Restored;
  readonly list: readonly Entry[];
  readonly recover: { readonly taken: readonly Entry[]; readonly problems: readonly string[] };
}

export interface QuarantineRequest {
  readonly id: number;
  readonly work: QuarantineWork;
}

export type QuarantineAnswer = { readonly id: number } & (
  | { readonly kind: 'done'; readonly value: QuarantineAnswers[keyof QuarantineAnswers] }
  | { readonly kind: 'failed'; readonly reason: QuarantineFailure['reason']; readonly message: string }
  /** Not about this file: nothing works until the cause is gone. */
  | { readonly kind: 'unopened'; readonly message: string }
);

if (parentPort === null) throw new Error('scanner/quarantine/worker.ts runs as a worker thread.');
const port = parentPort;
const { folder }: { folder: string } = workerData;
let opened: Quarantine | undefined;

port.on('message', (request: QuarantineRequest) => port.postMessage(answerTo(request)));

function answerTo({ id, work }: QuarantineRequest): QuarantineAnswer {
  let quarantine: Quarantine;
  try {
    quarantine = opened ??= open();
  } catch (error) {
    return { id, kind: 'unopened', message: failureOf(error, 'The quarantine cannot be opened').message };
  }
  try {
    return { id, kind: 'done', value: done(quarantine, work) };
  } catch (error) {
    const { reason, message } = failureOf(error, 'The quarantine failed');
    return { id, kind: 'failed', reason, message };
  }
}

/** Tried again with each request: there may be room now, or the key may be back. */
function open(): Quarantine {
  return new Quarantine({ calls: fileCalls(), folder });
}

function done(quarantine: Quarantine, work: QuarantineWork): QuarantineAnswers[keyof QuarantineAnswers] {
  switch (work.kind) {
    case 'take':
      return quarantine.take({ ...work.file, path: Buffer.from(work.file.path), usedBy: usersOf });
    case 'restore':
      return quarantine.restore(work.copy);
    case 'list':
      return quarantine.list();
    case 'recover':
      return quarantine.recover();
  }
}
