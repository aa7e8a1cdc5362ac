/** Runs the scanner process: sweeps, keeps the quarantine, and lists the protected scanner. Root, no network. */
import { join } from 'node:path';
import { exitCode } from '../exit.ts';
import { fileCalls } from '../kernel/file-calls.ts';
import type { FileCalls } from '../kernel/file-calls.ts';
import { SpareMemory } from '../kernel/spare-memory.ts';
import { logOf } from '../log.ts';
import { messageOf } from '../message-of.ts';
import { aborted } from '../stop.ts';
import { WorkerClient } from '../ipc/worker-client.ts';
import { workersPath, stateFolder } from '../ipc/paths.ts';
import type { Environment } from '../ipc/paths.ts';
import { ProtectedFilesKeeper } from './protected-files/keeper.ts';
import { QuarantineThread } from './quarantine/thread.ts';
import { onlyThese } from '../fs/mounts.ts';
import { Scanner } from './scanner.ts';

/** Ends with 0 when `stop` asks for it; what is unfinished continues at the next start. */
export async function runScanner(environment: Environment, stop: AbortSignal): Promise<number> {
  const log = logOf('scanner', Date.now);
  let calls: FileCalls;
  try {
    calls = fileCalls();
  } catch (error) {
    log('unable', { message: messageOf(error) });
    return exitCode.failed;
  }
  const state = stateFolder(environment);
  const quarantineFolder = join(state, 'quarantine');
  const quarantine = new QuarantineThread(quarantineFolder, {
    changed: (problem) => scanner.quarantineChanged(problem),
  });
  const spare = new SpareMemory();
  const enforcer: WorkerClient<'scanner'> = new WorkerClient({
    worker: 'scanner',
    path: workersPath(environment),
    revision: () => scanner.revision,
    received: (message) => {
      scanner.receive(message);
      spare.used();
    },
    log,
  });
  const keeper = new ProtectedFilesKeeper(
    { root: '/', state },
    (protectedFiles) => {
      enforcer.send({ type: 'protected-files', ...protectedFiles.packed });
      spare.used();
    },
    log,
  );
  const scanner = new Scanner({
    calls,
    quarantine,
    protectedFiles: async () => keeper.get(),
    places: { digests: join(state, 'digests'), unfinished: join(state, 'sweeps.json'), quarantine: quarantineFolder },
    only: onlyThese(environment['CORDON_AGENT_ON_ACCESS_ONLY']),
    send: (message) => {
      enforcer.send(message);
      spare.used();
    },
    requestRules: () => enforcer.reconnect(),
    now: Date.now,
    log,
  });
  await scanner.start();
  enforcer.open();
  log('ready');
  await aborted(stop);
  await scanner.stop();
  enforcer.close();
  keeper.close();
  await quarantine.close();
  return 0;
}
