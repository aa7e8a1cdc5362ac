/** Ends the processes of the parts when the agent is uninstalled: nobody is left to tell them anything. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessName } from '@cordon/protocol/channel';
import { processName } from '../../kernel/process-name.ts';

const patience = 5000;
const pause = 50;

/** These very processes, and no later ones of the same numbers. Waits until they are gone, but not for ever. */
export async function stopWorkers(processes: readonly ProcessName[]): Promise<void> {
  const deadline = performance.now() + patience;
  for (const one of processes) if (isThere(one)) process.kill(one.pid, 'SIGTERM');
  while (processes.some(isThere) && performance.now() < deadline) await sleep(pause);
}

function isThere({ pid, startedAt }: ProcessName): boolean {
  return pid > 0 && processName(pid)?.startedAt === startedAt;
}
