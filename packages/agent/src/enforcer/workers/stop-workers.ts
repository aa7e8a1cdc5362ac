/** Ends the worker processes when the agent is uninstalled: nothing is left to send them messages. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessName } from '@cordon/protocol/channel';
import { processName } from '../../kernel/process-name.ts';

/** A worker that has not ended by then is left to the service manager. */
const stopTimeoutMs = 5000;
const pollIntervalMs = 50;

/** Exactly these processes, and no later ones with the same numbers. Waits until they have ended, up to a limit. */
export async function stopWorkers(processes: readonly ProcessName[]): Promise<void> {
  const deadline = performance.now() + stopTimeoutMs;
  for (const one of processes) if (isThere(one)) process.kill(one.pid, 'SIGTERM');
  while (processes.some(isThere) && performance.now() < deadline) await sleep(pollIntervalMs);
}

function isThere({ pid, startedAt }: ProcessName): boolean {
  return pid > 0 && processName(pid)?.startedAt === startedAt;
}
