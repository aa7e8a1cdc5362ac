/** Runs the on-access process, and ends it without leaving anybody waiting. */
import { fanotifyCalls } from '../kernel/fanotify.ts';
import type { FanotifyCalls } from '../kernel/fanotify.ts';
import { SpareMemory } from '../kernel/spare-memory.ts';
import { logOf } from '../log.ts';
import { messageOf } from '../message-of.ts';
import { WorkerClient } from '../ipc/worker-client.ts';
import { workersPath } from '../ipc/paths.ts';
import type { Environment } from '../ipc/paths.ts';
import { onlyThese } from '../fs/mounts.ts';
import { aborted } from '../stop.ts';
import { keepAlive } from '../kernel/service-manager.ts';
import { threadPrograms } from './threads.ts';
import type { Programs } from './threads.ts';
import { OnAccess } from './on-access.ts';

/** Does not return when it is stopped: threads that wait in the kernel could not be waited for. */
export async function runOnAccess(
  environment: Environment,
  stop: AbortSignal,
  programs: Programs = threadPrograms,
): Promise<number> {
  const log = logOf('on-access', Date.now);
  const spare = new SpareMemory();
  let onAccess: OnAccess | undefined;
  const enforcer: WorkerClient<'on-access'> = new WorkerClient({
    worker: 'on-access',
    path: workersPath(environment),
    revision: () => onAccess?.revision ?? 0,
    received: (message) => {
      onAccess?.receive(message);
      spare.used();
    },
    log,
  });
  let calls: FanotifyCalls | undefined;
  try {
    calls = fanotifyCalls();
    onAccess = new OnAccess({
      calls,
      only: onlyThese(environment['CORDON_AGENT_ON_ACCESS_ONLY']),
      programs,
      log,
      send: (message) => enforcer.send(message),
      requestRules: () => enforcer.reconnect(),
    });
  } catch (error) {
    enforcer.send({ type: 'state', state: 'unable', filesystems: [], message: messageOf(error) });
  }
  // A lease that is asked for at the very moment somebody opens the file for writing comes with this signal.
  process.on('SIGIO', () => undefined);
  enforcer.open();
  const alive = keepAlive(environment);
  await aborted(stop);
  alive.stop();
  await onAccess?.stop();
  log('stopped');
  enforcer.close();
  calls?.endNow(0);
  return 0;
}
