/** Runs the watch process: takes orders from the enforcer's socket, and ends without leaving anybody waiting. */
import { fanotifyCalls } from '../kernel/fanotify.ts';
import { SpareMemory } from '../kernel/spare-memory.ts';
import { logOf } from '../log.ts';
import { WorkerClient } from '../ipc/worker-client.ts';
import { workersPath } from '../ipc/paths.ts';
import type { Environment } from '../ipc/paths.ts';
import { onlyThese } from '../fs/mounts.ts';
import { keepServiceManagerCalm } from './watchdog/service.ts';
import { ownPrograms } from './threads.ts';
import type { Programs } from './threads.ts';
import { Watch } from './on-access.ts';

/** Does not return when it is stopped: threads that wait in the kernel could not be waited for. */
export async function runOnAccess(
  environment: Environment,
  stop: AbortSignal,
  programs: Programs = ownPrograms,
): Promise<number> {
  const log = logOf('on-access', Date.now);
  const calls = fanotifyCalls();
  const path = workersPath(environment);
  const spare = new SpareMemory();
  const part: WorkerClient<'on-access'> = new WorkerClient({
    part: 'on-access',
    path,
    revision: () => watch?.revision ?? 0,
    received: (message) => {
      watch?.receive(message);
      spare.stirred();
    },
    log,
  });
  const watch =
    calls instanceof Error
      ? undefined
      : new Watch({
          calls,
          only: onlyThese(environment['CORDON_AGENT_ON_ACCESS_ONLY']),
          programs,
          log,
          tell: (message) => part.tell(message),
          askAgain: () => part.comeAgain(),
        });
  if (calls instanceof Error) part.tell({ type: 'state', state: 'unable', filesystems: [], message: calls.message });
  // A lease that is asked for at the very moment somebody opens the file for writing comes with this signal.
  process.on('SIGIO', () => undefined);
  part.open();
  const calm = keepServiceManagerCalm(environment);
  await new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener('abort', () => resolve(), { once: true });
  });
  calm.stop();
  await watch?.stop();
  log('stopped');
  part.close();
  if (!(calls instanceof Error)) calls.endNow(0);
  return 0;
}
