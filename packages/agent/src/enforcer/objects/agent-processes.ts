/** Names the agent's own processes, which `watch` must never keep waiting: it would wait for itself. */
import { readlinkSync } from 'node:fs';
import type { ProcessName } from '@cordon/protocol/channel';
import { processName } from '../../kernel/process-name.ts';

/**
 * We ourselves, our supervisor, and the parts that have said who they are. Link is not among them: it faces the
 * network, opens next to nothing, and nobody waits for it.
 */
export function trustedProcesses(parts: Iterable<ProcessName>): ProcessName[] {
  const own = [processName(process.pid), processName(supervisor())];
  return [...own.filter((one) => one !== undefined), ...parts];
}

/** Our parent, if it is the same program as we are: a service manager or a shell is asked like anybody. */
function supervisor(): number {
  try {
    return readlinkSync(`/proc/${process.ppid}/exe`) === readlinkSync('/proc/self/exe') ? process.ppid : 0;
  } catch {
    return 0; // Process 0 is nobody.
  }
}
