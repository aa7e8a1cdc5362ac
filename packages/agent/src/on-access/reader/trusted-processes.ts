/** Processes of the agent that are never asked about, for as long as they are the very ones that were named. */
import type { ProcessName } from '@cordon/protocol/channel';
import { processName } from '../../kernel/process-name.ts';

export class TrustedProcesses {
  #processes: readonly ProcessName[] = [];

  replace(processes: readonly ProcessName[]): void {
    this.#processes = processes;
  }

  /** Whoever has ended is dropped for good: its number may be another's by now. */
  pids(): number[] {
    this.#processes = this.#processes.filter(({ pid, startedAt }) => processName(pid)?.startedAt === startedAt);
    return this.#processes.map(({ pid }) => pid);
  }
}
