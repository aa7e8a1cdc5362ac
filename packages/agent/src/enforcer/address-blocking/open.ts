/** Opens the enforcement of listed addresses and names that fits this machine. */
import { readFileSync } from 'node:fs';
import { systemCalls } from '../../kernel/calls.ts';
import { NetfilterObjects } from './netfilter.ts';
import type { ObjectsKernel } from './kernel.ts';
import { NetworkObjects } from './address-blocking.ts';
import type { NetworkOptions } from './address-blocking.ts';
import { SimulatedObjects } from './simulated.ts';

export interface OpenOptions extends Omit<NetworkOptions, 'kernel' | 'userName'> {
  /** The file that stands in for a kernel where nothing is to be blocked; undefined for the real one. */
  readonly simulated: { readonly path: string; readonly write: (path: string, text: string) => void } | undefined;
}

/** Never throws: where nothing can be enforced, the state says why. What an earlier run left in force stays so. */
export function openNetworkObjects({ simulated, ...rest }: OpenOptions): NetworkObjects {
  const kernel = simulated ? new SimulatedObjects(simulated.path, simulated.write) : realKernel();
  return new NetworkObjects({ ...rest, kernel, userName });
}

function realKernel(): ObjectsKernel | Error {
  try {
    const calls = systemCalls();
    if (process.getuid?.() !== 0) return new Error('Blocking addresses needs root; the enforcer runs as another user.');
    return new NetfilterObjects(calls);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Asked for as often as a new detection is told, and the file is small. */
function userName(id: number): string {
  try {
    const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
    return lines.find((line) => line.split(':')[2] === String(id))?.split(':')[0] ?? '';
  } catch {
    return ''; // A host without one has no names to tell.
  }
}
