/** The vault in a thread of its own: copying a large file holds nobody else up. One request after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { usersOf } from '../processes.ts';
import { fileCalls } from '../../kernel/file-calls.ts';
import type { Entry } from './entry.ts';
import { failureOf } from './failure.ts';
import type { VaultFailure } from './failure.ts';
import type { Restored } from './restore.ts';
import type { Taken, TakeRequest } from './take.ts';
import { Vault } from './quarantine.ts';

export type VaultWork =
  | { readonly kind: 'take'; readonly file: Omit<TakeRequest, 'path' | 'usedBy'> & { readonly path: Uint8Array } }
  | { readonly kind: 'restore'; readonly copy: string }
  | { readonly kind: 'list' }
  | { readonly kind: 'recover' };

export interface VaultAnswers {
  readonly take: Taken;
  readonly restore: Restored;
  readonly list: readonly Entry[];
  readonly recover: { readonly taken: readonly Entry[]; readonly problems: readonly string[] };
}

export interface VaultRequest {
  readonly id: number;
  readonly work: VaultWork;
}

export type VaultAnswer =
  | { readonly id: number; readonly value: VaultAnswers[keyof VaultAnswers] }
  | { readonly id: number; readonly failure: { readonly reason: VaultFailure['reason']; readonly message: string } }
  /** Not this one file: nothing can be done, until the cause is gone. */
  | { readonly id: number; readonly unopened: string };

if (parentPort === null) throw new Error('vault/worker.ts runs as a worker thread.');
const port = parentPort;
const { folder }: { folder: string } = workerData;
let opened: Vault | undefined;

port.on('message', (request: VaultRequest) => port.postMessage(answerTo(request)));

function answerTo({ id, work }: VaultRequest): VaultAnswer {
  let vault: Vault;
  try {
    vault = opened ??= open();
  } catch (error) {
    return { id, unopened: failureOf(error, 'The vault cannot be opened').message };
  }
  try {
    return { id, value: done(vault, work) };
  } catch (error) {
    const { reason, message } = failureOf(error, 'The vault failed');
    return { id, failure: { reason, message: message } };
  }
}

/** Tried again with each request: somebody may have made room, or brought the key back. */
function open(): Vault {
  return new Vault({ calls: fileCalls(), folder });
}

function done(vault: Vault, work: VaultWork): VaultAnswers[keyof VaultAnswers] {
  switch (work.kind) {
    case 'take':
      return vault.take({ ...work.file, path: Buffer.from(work.file.path), usedBy: usersOf });
    case 'restore':
      return vault.restore(work.copy);
    case 'list':
      return vault.list();
    case 'recover':
      return vault.recover();
  }
}
