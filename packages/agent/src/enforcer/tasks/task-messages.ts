/** Translates a task into messages for `scanner`, and its answers into progress. */
import type { ObjectSettings } from '@cordon/protocol/channel';
import type { FromScanner, ToScanner } from '../../ipc/worker-messages.ts';
import { sentBytes } from '../detections/truncate-detection.ts';
import type { ProgressBody } from '../state/signer.ts';
import type { Remembered } from './task-file.ts';

type FilesProgress = Extract<FromScanner, { type: 'progress' }>;

/** As for detections: a frame has a million bytes. */
const maxBytes = 800_000;

/** Undefined for what needs no scanner. */
export function orderFor({ task, work }: Remembered, settings: ObjectSettings): ToScanner | undefined {
  const megabytesPerSecond = settings.sweepMegabytesPerSecond;
  switch (work.kind) {
    case 'sweep':
      return { type: 'sweep', task, find: null, roots: work.roots, act: mayAct(work, settings), megabytesPerSecond };
    case 'find':
      return { type: 'sweep', task, find: work.files, roots: null, act: false, megabytesPerSecond };
    case 'restore-files':
      return { type: 'restore', task, quarantine: work.quarantine, object: work.object };
    case 'end-processes':
      return { type: 'end-processes', task, processes: work.processes };
    case 'cancel':
      return undefined;
  }
}

/** A sweep requested where sweeping is off only reports its matches. */
function mayAct({ act }: { act: boolean }, { sweep }: ObjectSettings): boolean {
  return act && sweep === 'enforce';
}

/** Only of what was requested, whatever the scanner calls it; and no larger than a frame allows. */
export function progressOf(said: FilesProgress, kind: string, at: number): ProgressBody {
  const { task, state, files, of, bytes, unreadable, found, copies, message } = said;
  const body: ProgressBody = { task, kind, at, state, files, of, bytes, unreadable, found, copies, message };
  if (sentBytes(body) <= maxBytes) return body;
  const smaller = { ...body, copies: copies.map((copy) => Object.assign({}, copy, { usedBy: [] })) };
  while (sentBytes(smaller) > maxBytes) smaller.copies = smaller.copies.slice(0, smaller.copies.length / 2);
  return smaller;
}

/** Where nothing was examined. */
export function concluded(
  about: { task: string; kind: string; at: number },
  state: 'done' | 'failed' | 'cancelled',
  message: string | null,
): ProgressBody {
  return { ...about, state, files: 0, of: null, bytes: 0, unreadable: 0, found: 0, copies: [], message };
}
