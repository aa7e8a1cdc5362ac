/** What the enforcer acts on: the kernel and the workers of this endpoint, or their simulated twins. Chosen once. */
import { isSimulated, workersPath } from '../ipc/paths.ts';
import type { Environment } from '../ipc/paths.ts';
import { WorkerServer } from '../ipc/worker-server.ts';
import type { WorkerEvents } from '../ipc/worker-server.ts';
import { systemCalls } from '../kernel/calls.ts';
import type { Calls } from '../kernel/calls.ts';
import type { Log } from '../log.ts';
import { messageOf } from '../message-of.ts';
import type { AddressKernel } from './address-blocking/address-kernel.ts';
import { NftablesAddresses } from './address-blocking/nftables-addresses.ts';
import { UnableAddresses } from './address-blocking/unable-addresses.ts';
import { changesAllowed } from './desired-state/admission.ts';
import type { IsolationKernel } from './isolation/isolation-kernel.ts';
import { NftablesIsolation } from './isolation/nftables-isolation.ts';
import { UnableIsolation } from './isolation/unable-isolation.ts';
import { SimulatedAddresses } from './simulated/simulated-addresses.ts';
import { SimulatedIsolation } from './simulated/simulated-isolation.ts';
import { SimulatedWorkers } from './simulated/simulated-workers.ts';
import type { State } from './state/state.ts';
import type { Workers } from './workers/workers.ts';

export interface Platform {
  readonly openIsolation: () => IsolationKernel;
  readonly openAddresses: () => AddressKernel;
  readonly openWorkers: (events: WorkerEvents) => Workers;
  /** How often an hour a desired state may change the isolation, unless a setting says otherwise. */
  readonly changesAllowed: number;
}

export function platformFor(environment: Environment, state: State, log: Log): Platform {
  return isSimulated(environment) ? simulatedPlatform(state) : ownPlatform(environment, log);
}

/** Nothing is cut off or examined: what would be in force is in files of the state folder. */
export function simulatedPlatform(state: State): Platform {
  return {
    openIsolation: () => new SimulatedIsolation(state.path('simulated')),
    openAddresses: () => new SimulatedAddresses(state.path('simulatedNetwork')),
    openWorkers: (events) => new SimulatedWorkers(state.path('simulatedRules'), events),
    changesAllowed: Infinity,
  };
}

/** Where something is impossible here, its stand-in says why. */
function ownPlatform(environment: Environment, log: Log): Platform {
  return {
    openIsolation: () =>
      opened<IsolationKernel>(
        'Isolation',
        (calls) => new NftablesIsolation(calls),
        (reason) => new UnableIsolation(reason),
      ),
    openAddresses: () =>
      opened<AddressKernel>(
        'Blocking addresses',
        (calls) => new NftablesAddresses(calls),
        (reason) => new UnableAddresses(reason),
      ),
    openWorkers: (events) =>
      new WorkerServer({
        ...events,
        path: workersPath(environment),
        misbehaved: (message) => log('worker turned away', { message }),
      }),
    changesAllowed,
  };
}

function opened<K>(what: string, open: (calls: Calls) => K, unable: (reason: string) => K): K {
  if (process.getuid?.() !== 0) return unable(`${what} needs root; the enforcer runs as another user.`);
  try {
    return open(systemCalls());
  } catch (error) {
    return unable(messageOf(error));
  }
}
