/** Processes of the agent whose openings are always allowed. */
import type { ProcessName } from '@cordon/protocol/channel';
import { processName } from '../../kernel/process-name.ts';

export class TrustedProcesses {
  #processes: readonly ProcessName[] = [];

  replace(processes: readonly ProcessName[]): void {
    this.#processes = processes;
  }

  /** Drops those that have ended: another process may have the number by now. */
  pids(): number[] {
    this.#processes = this.#processes.filter(({ pid, startedAt }) => processName(pid)?.startedAt === startedAt);
    return this.#processes.map(({ pid }) => pid);
  }
}
