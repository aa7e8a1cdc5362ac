/** Lists the agent's own processes, which `on-access` must never block: it would wait for itself. */
import { readlinkSync } from 'node:fs';
import type { ProcessName } from '@cordon/protocol/channel';
import { processName } from '../../kernel/process-name.ts';

/**
 * This process, its supervisor, and the workers that have said which they are. Link is not among them: it faces the
 * network, opens next to nothing, and nobody waits for it.
 */
export function trustedProcesses(workers: Iterable<ProcessName>): ProcessName[] {
  const own = [processName(process.pid), processName(supervisor())];
  return [...own.filter((one) => one !== undefined), ...workers];
}

/** Our parent, if it runs the same program; a service manager or a shell is checked like any process. */
function supervisor(): number {
  try {
    return readlinkSync(`/proc/${process.ppid}/exe`) === readlinkSync('/proc/self/exe') ? process.ppid : 0;
  } catch {
    return 0; // Process 0 is none.
  }
}
