/** Names a process so that a later one of the same number is not taken for it. */
import { readFileSync } from 'node:fs';
import type { ProcessName } from '@cordon/protocol/channel';

/** Undefined when there is no such process. */
export function processName(pid: number): ProcessName | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined; // It has ended; whoever asks has nobody to name.
  }
  // proc_pid_stat(5): the name of the program may hold blanks and brackets, so count from the last bracket on.
  const startedAt = Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[19]);
  return Number.isSafeInteger(startedAt) ? { pid, startedAt } : undefined;
}
