/** Names a process by its number and start, so that a later one of the same number is not taken for it. */
import { readFileSync } from 'node:fs';
import type { ProcessName } from '@cordon/protocol/channel';

/** Undefined when there is no such process. */
export function processName(pid: number): ProcessName | undefined {
  const startedAt = Number(statFields(pid)?.[19]);
  return Number.isSafeInteger(startedAt) ? { pid, startedAt } : undefined;
}

/** proc_pid_stat(5) from its third field on: the program's name, before it, may hold blanks and brackets. */
export function statFields(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined; // It has ended: there is nothing to name.
  }
}
