/** Runs the files process: sweeps, keeps the vault, and knows what must not be taken away. Root, no network. */
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
import { ShieldKeeper } from './protected-files/keeper.ts';
import { VaultThread } from './quarantine/thread.ts';
import { onlyThese } from '../fs/mounts.ts';
import { Files } from './scanner.ts';

/** Ends with 0 when `stop` asks for it; what is unfinished goes on at the next start. */
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
  const vaultFolder = join(state, 'vault');
  const vault = new VaultThread(vaultFolder, { troubled: (message) => files.vaultIs(message) });
  const spare = new SpareMemory();
  const enforcer: WorkerClient<'scanner'> = new WorkerClient({
    worker: 'scanner',
    path: workersPath(environment),
    revision: () => files.revision,
    received: (message) => {
      files.receive(message);
      spare.used();
    },
    log,
  });
  const keeper = new ShieldKeeper(
    { root: '/', state },
    (shield) => {
      enforcer.send({ type: 'protected-files', ...shield.packed });
      spare.used();
    },
    log,
  );
  const files = new Files({
    calls,
    vault,
    shield: async () => keeper.get(),
    places: { digests: join(state, 'digests'), unfinished: join(state, 'sweeps.json'), vault: vaultFolder },
    only: onlyThese(environment['CORDON_AGENT_ON_ACCESS_ONLY']),
    tell: (message) => {
      enforcer.send(message);
      spare.used();
    },
    askAgain: () => enforcer.reconnect(),
    now: Date.now,
    log,
  });
  await files.start();
  enforcer.open();
  log('ready');
  await aborted(stop);
  await files.stop();
  enforcer.close();
  keeper.close();
  await vault.close();
  return 0;
}
